"""The form of the style guide: each kind of field once."""

from django import forms


class StyleGuideForm(forms.Form):
    """Nothing is done with it."""

    name = forms.CharField(
        label="Naam van het initiatief", max_length=80, help_text="Zoals het in alle documenten staat."
    )
    enterprise_number = forms.CharField(
        label="Ondernemingsnummer",
        help_text="Tien cijfers, bijvoorbeeld 0566.988.259.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    summary = forms.CharField(
        label="Samenvatting",
        help_text="Ten hoogste 150 woorden.",
        widget=forms.Textarea(attrs={"rows": 4, "data-max-words": "150"}),
    )
    kind = forms.ChoiceField(
        label="Soort organisatie", choices=[("", "Kies een soort"), ("vzw", "Vzw"), ("nv", "Naamloze vennootschap")]
    )
    role = forms.ChoiceField(
        label="Rol van de onderneming",
        choices=[("lid", "Wordt lid"), ("klankbord", "Denkt mee"), ("sponsor", "Sponsort")],
        widget=forms.RadioSelect,
        help_text="Kies wat het meest past.",
    )
    themes = forms.MultipleChoiceField(
        label="Thema's",
        choices=[("digitaal", "Digitaal"), ("circulair", "Circulair"), ("zorg", "Zorg")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    begins_on = forms.DateField(label="Begin", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    attachment = forms.FileField(label="Ondertekende brief", help_text="Een PDF van ten hoogste 20 MB.", required=False)
    is_true = forms.BooleanField(label="Ik verklaar dat deze gegevens juist zijn")
