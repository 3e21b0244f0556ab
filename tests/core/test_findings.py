from ibnportal.core.findings import Finding, Severity, has_errors


def test_only_an_error_stands_in_the_way():
    warning = Finding("BUD-01", "Budget", "Kijk dit na.", Severity.WARNING)
    assert not has_errors([warning])
    assert has_errors([warning, Finding("BUD-02", "Budget", "Dit kan niet.")])


def test_a_finding_survives_json():
    finding = Finding("BUD-01", "Budget", "Kijk dit na.", Severity.WARNING)
    assert Finding.from_dict(finding.as_dict()) == finding
