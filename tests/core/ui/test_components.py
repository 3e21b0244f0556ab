"""Every component renders alone, escapes what it is given, and carries nothing that the CSP forbids."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template import Context, Template, engines
from django.test import RequestFactory
from django.urls import reverse
from django.utils.html import format_html

from ibnportal.core import clock as portal_clock
from ibnportal.core.ui import charts, states
from ibnportal.core.worklist import WorkItem

TEMPLATES = Path(__file__).parents[3] / "templates"
ICONS = Path(__file__).parents[3] / "static" / "vendor" / "icons" / "icons.svg"
EVERY_TEMPLATE = sorted(TEMPLATES.rglob("*.html"))
WITHOUT_PAGE = {"mail", "pdf"}  # not shown under our CSP


def rendered(source: str, **context) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize("path", EVERY_TEMPLATE, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_has_inline_style_or_script(path):
    if path.relative_to(TEMPLATES).parts[0] in WITHOUT_PAGE:
        return
    source = re.sub(r"{% verbatim %}.*?{% endverbatim %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"<[^>]+\sstyle=", source)
    assert not re.search(r"<[^>]+\son[a-z]+=", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert "<style" not in source


def test_a_component_sees_only_what_it_is_given():
    assert "van de pagina" not in rendered('{% ui "empty_state" title="Leeg" %}', text="van de pagina")


def test_what_is_given_is_escaped_once():
    shown = rendered('{% ui "callout" text=text %}', text="<b>A & B</b>")
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in shown


def test_slots_and_body_keep_their_place():
    shown = rendered(
        '{% component "table" caption="Dossiers" %}{% fill "note" %}Onder de tabel{% endfill %}<tbody><tr><td>Rij</td></tr></tbody>{% endcomponent %}'
    )
    assert shown.index("<td>Rij</td>") < shown.index("Onder de tabel")
    assert shown.count("Onder de tabel") == 1


def test_a_task_card_says_when_and_how_long(clock):
    clock.set("2026-01-20T10:00")
    item = WorkItem(
        "Dien in", "9 van 10", "/x/", "Ga verder", "Fase 1", portal_clock.now() + timedelta(hours=2), "urgent"
    )
    shown = rendered('{% ui "task_card" item=item %}', item=item)
    assert "Nog 2\u00a0uur" in shown
    assert "dinsdag 20\u00a0januari 2026 om 12.00\u00a0uur (Belgische tijd)" in shown
    assert 'href="/x/"' in shown


def test_a_late_task_is_marked_late(clock):
    clock.set("2026-01-20T10:00")
    shown = rendered('{% ui "task_card" title="Keur na" due_at=due %}', due=portal_clock.now() - timedelta(days=1))
    assert "is-late" in shown
    assert "1\u00a0dag geleden" in shown


def test_the_timeline_puts_today_before_what_comes_next(clock):
    clock.set("2026-01-20T10:00")
    now = portal_clock.now()
    stages = [{"label": "Voorbij", "at": now - timedelta(days=1)}, {"label": "Straks", "at": now + timedelta(days=1)}]
    shown = rendered("{% stage_timeline stages %}", stages=stages)
    assert shown.index("Voorbij") < shown.index("Vandaag, 20\u00a0jan.\u00a02026") < shown.index("Straks")
    running = rendered("{% stage_timeline stages %}", stages=[*stages, {"label": "Loopt", "state": "now"}])
    assert "Vandaag" not in running
    assert 'aria-current="step"' in running


@pytest.mark.parametrize(
    ("value", "goal", "text"),
    [(7, 10, "Nog 3 nodig"), (10, 10, "Het minimum is bereikt"), (0, 0, "Het minimum is bereikt")],
)
def test_the_counter_says_what_is_missing(value, goal, text):
    assert text in rendered("{% counter value goal 'brieven' %}", value=value, goal=goal)


def test_the_rail_names_each_state():
    sections = [
        {"label": "A", "url": "/a/", "state": "done"}, {"label": "B", "url": "/b/", "state": "missing"},
        {"label": "C", "url": "/c/", "state": "error"}, {"label": "D", "url": "/d/", "state": "empty", "is_current": True},
    ]  # fmt: skip
    shown = rendered("{% section_rail sections %}", sections=sections)
    for text in ("1 van 4 klaar", "Klaar", "Ontbreekt nog iets", "Fout", "Nog leeg", 'aria-current="page"'):
        assert text in shown


def test_rows_of_text_are_escaped_and_named_by_their_column():
    lines = [("A & B", "", ("<b>1</b>", "")), ("Naam", "Wat erbij hoort", ("x", "2"))]
    shown = rendered("{% text_rows lines columns %}", lines=lines, columns=(("Soort", ""), ("Bedrag", "num")))
    assert shown == (
        '<tr><th scope="row">A &amp; B</th><td data-label="Soort">&lt;b&gt;1&lt;/b&gt;</td><td class="num" data-label="Bedrag"></td></tr>'
        '<tr><th scope="row">Naam<span class="source d-block">Wat erbij hoort</span></th>'
        '<td data-label="Soort">x</td><td class="num" data-label="Bedrag">2</td></tr>'
    )


def test_markup_that_was_escaped_where_it_was_made_stays_markup_in_rows_of_text():
    lines = [(format_html('<a href="/x/">{}</a>', "A & B"), "<i>", ("<b>", format_html("<b>{}</b>", "<")))]
    shown = rendered('{% text_rows lines columns note_css="d-block" %}', lines=lines, columns=(("X", ""), ("Y", "")))
    assert shown == (
        '<tr><th scope="row"><a href="/x/">A &amp; B</a><span class="d-block">&lt;i&gt;</span></th>'
        '<td data-label="X">&lt;b&gt;</td><td data-label="Y"><b>&lt;</b></td></tr>'
    )


def test_options_say_which_is_chosen_and_are_escaped():
    shown = rendered("{% options pairs chosen %}", pairs=[("a", "A & B"), ('"', 2026)], chosen='"')
    assert shown == '<option value="a">A &amp; B</option><option value="&quot;" selected>2026</option>'


def test_a_part_that_is_the_same_for_everybody_is_rendered_once():
    made = Template("{% load ui %}{% once %}{{ told }}{% endonce %}")
    assert [made.render(Context({"told": word})) for word in ("eerst", "later")] == ["eerst", "eerst"]


def test_bars_share_one_scale_and_a_negative_value_draws_none():
    big, small, negative = charts.bars(
        [("A", Decimal(100)), ("B", Decimal(50)), ("C", Decimal(-10))], unit="euro", target=25
    )
    assert [bar.bars[0].width for bar in (big, small, negative)] == ["96.15", "48.08", "0.00"]
    assert [bar.bars[0].figure for bar in (big, small, negative)] == ["€\u00a0100", "€\u00a050", "€\u00a0-10"]
    assert (big.target, big.target_figure) == ("24.04", "€\u00a025")


def test_a_chart_of_nothing_is_an_empty_table():
    assert charts.bars([("A", None)])[0].bars[0].figure == "–"


def test_a_bar_of_a_percentage_is_as_long_as_its_part_of_the_whole():
    def width(*fractions: str) -> list[float]:
        rows = charts.bars([(one, Decimal(one)) for one in fractions], unit="percent")
        return [float(row.bars[0].width) for row in rows]

    (whole,) = width("1")
    assert width("0.37") == [pytest.approx(whole * 0.37, abs=0.01)]
    assert width("2", "1") == [pytest.approx(whole, abs=0.01), pytest.approx(whole / 2, abs=0.01)]
    assert "<caption>Niets</caption>" in rendered('{% bar_chart rows title="Niets" %}', rows=[])


def test_a_share_stays_inside_its_bar():
    shown = rendered("{% share value target=1 %}", value=Decimal("1.25"))
    assert 'width="100.00"' in shown
    assert 'x1="80.00"' in shown
    assert "125\u00a0%" in shown


def test_a_badge_takes_text_and_look_from_the_state():
    class Dossier:
        state = "p2_supplement_asked"

        def get_state_display(self):
            return "Vervollediging gevraagd"

    shown = rendered("{% status_badge dossier %}", dossier=Dossier())
    assert "tone-warning" in shown
    assert "Vervollediging gevraagd" in shown
    assert "tone-neutral" in rendered('{% status_badge "nooit_gezien" "Iets" %}')


def test_every_icon_of_a_state_is_in_the_sprite():
    sprite = ICONS.read_text()
    assert [look.icon for look in states.LOOKS.values() if f'id="{look.icon}"' not in sprite] == []


def test_every_icon_of_a_template_is_in_the_sprite():
    sprite = ICONS.read_text()
    names = {name for path in EVERY_TEMPLATE for name in re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text())}
    assert sorted(name for name in names if f'id="{name}"' not in sprite) == []


class ExampleForm(forms.Form):
    name = forms.CharField(label="Naam", help_text="Zoals op de akte.")
    role = forms.ChoiceField(label="Rol", choices=[("a", "Lid")], widget=forms.RadioSelect)
    note = forms.CharField(label="Opmerking", required=False)

    def clean(self):
        raise forms.ValidationError("Er klopt iets niet aan het geheel.")


def test_the_error_summary_links_each_error_to_its_field_in_the_order_of_the_form():
    shown = rendered("{% error_summary form %}", form=ExampleForm({}))
    assert "Er zijn nog 3 fouten" in shown
    assert shown.index("geheel") < shown.index('href="#id_name"') < shown.index('href="#id_role_0"')


@pytest.mark.parametrize("page", ["{% error_summary form %}{{ form|crispy }}", "{{ form|crispy }}"])
def test_the_error_summary_stands_on_a_page_once(page):
    shown = rendered(f"{{% load crispy_forms_tags %}}{page}", form=ExampleForm({}))
    assert shown.count('class="error-summary"') == 1


def test_the_error_summary_is_absent_without_errors():
    assert rendered("{% error_summary form %}", form=ExampleForm()).strip() == ""


def test_crispy_puts_the_summary_on_top_and_ties_help_and_error_to_the_field():
    shown = Template("{% load crispy_forms_tags %}{{ form|crispy }}").render(Context({"form": ExampleForm({})}))
    assert shown.index("data-error-summary") < shown.index('id="id_name"')
    field = re.search(r'<input[^>]*id="id_name"[^>]*>', shown).group(0)
    assert 'aria-invalid="true"' in field
    for described in re.search(r'aria-describedby="([^"]+)"', field).group(1).split():
        assert f'id="{described}"' in shown
    assert "(niet verplicht)" in shown


def test_every_target_of_the_summary_exists():
    form = ExampleForm({})
    shown = Template("{% load crispy_forms_tags %}{{ form|crispy }}").render(Context({"form": form}))
    for target in re.findall(r'href="#([^"]+)"', shown):
        assert f'id="{target}"' in shown


def test_sorting_and_pages_keep_the_filter():
    request = RequestFactory().get("/?status=open&sorteer=naam&pagina=2")
    head = rendered('{% sort_header "naam" "Naam" %}', request=request)
    assert 'aria-sort="ascending"' in head
    link = re.search(r'href="\?([^"]+)"', head).group(1).replace("&amp;", "&")
    assert QueryDict(link).dict() == {"status": "open", "sorteer": "-naam"}
    pages = rendered("{% pagination page %}", request=request, page=Paginator(range(30), 10).page(2))
    assert "status=open&amp;sorteer=naam&amp;pagina=3" in pages
    assert 'aria-current="page"' in pages


def test_a_difference_shows_words_that_went_and_came():
    shown = rendered("{% text_diff old new %}", old="Twee deeltijdse medewerkers.", new="Twee voltijdse medewerkers.")
    assert shown == (
        'Twee <del><span class="visually-hidden">geschrapt: </span>deeltijdse</del>'
        '<ins><span class="visually-hidden">toegevoegd: </span>voltijdse</ins> medewerkers.'
    )
    assert "&lt;b&gt;" not in rendered("{% text_diff old new %}", old="x", new="x")


def test_a_running_job_polls_itself_and_a_finished_one_does_not():
    running = rendered('{% ui "job_progress" label="Fiches" state="running" done=3 total=12 poll_url="/poll/" %}')
    assert 'hx-get="/poll/"' in running
    assert "3 van 12" in running
    assert "hx-get" not in rendered('{% ui "job_progress" label="Fiches" state="done" poll_url="/poll/" %}')


def test_every_component_of_the_folder_is_shown_in_the_style_guide():
    guide = (TEMPLATES / "stijlgids" / "index.html").read_text()
    shown_by_another = {
        "demo_bar",
        "user_menu",
        "search_box",
        "messages",
        "pagination",
        "export_links",
        "error_summary",
    }
    names = {path.stem for path in (TEMPLATES / "components").glob("*.html")} - shown_by_another
    assert sorted(name for name in names if name not in guide) == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "?fout=1"])
def test_the_style_guide_is_there_in_debug_only(client, settings, address):
    settings.DEBUG = False
    assert client.get(reverse("ui:style_guide") + address).status_code == 404
    settings.DEBUG = True
    response = client.get(reverse("ui:style_guide") + address)
    assert response.status_code == 200
    assert not re.search(r"<[^>]+\s(style|onclick)=", response.content.decode())


@pytest.mark.django_db
def test_the_accessibility_statement_is_public(client):
    assert "WCAG 2.2" in client.get(reverse("ui:accessibility")).content.decode()


@pytest.mark.django_db
def test_a_missing_page_is_ours(client):
    response = client.get("/bestaat-niet/")
    assert response.status_code == 404
    assert "Deze pagina is er niet" in response.content.decode()


def test_the_page_for_our_own_failure_needs_no_context():
    assert "Er ging iets mis bij ons" in engines["django"].get_template("500.html").render()


def test_the_summary_of_errors_asks_for_a_file_again_and_for_nothing_else():
    """No browser keeps a chosen file; what was typed stands there still."""

    class Upload(forms.Form):
        title = forms.CharField()
        paper = forms.FileField(required=False)

    page = Template("{% load ui %}{% error_summary form %}")
    typed = page.render(Context({"form": Upload({"title": ""}, {})}))
    chosen = page.render(Context({"form": Upload({"title": ""}, {"paper": SimpleUploadedFile("a.pdf", b"x")})}))
    assert "wat u invulde, staat er nog. Verbeter" in typed
    assert "wat u invulde, staat er nog; enkel een bestand kiest u opnieuw. Verbeter" in chosen
