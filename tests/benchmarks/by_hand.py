"""Plain SQL beside the saved questions: the same figures of the same rows, without definitions, sources and what is behind each."""

LIVE = "m.joined_on <= %(day)s AND (m.left_on IS NULL OR m.left_on >= %(day)s) AND (m.yearly_fee IS NULL OR m.yearly_fee <> 0) AND o.kind = 'company'"
MEMBERS = f"FROM monitoring_membership m JOIN accounts_organisation o ON o.id = m.organisation_id WHERE {LIVE}"
LEDGER = "FROM monitoring_contribution c JOIN monitoring_awardyear y ON y.id = c.award_year_id JOIN monitoring_network n ON n.id = y.network_id"
RELEASED = "(%(day)s::date + 1)::timestamp AT TIME ZONE 'Europe/Brussels'"
STANDING = f"""
    FROM evaluation_decision d JOIN applications_application a ON a.id = d.application_id JOIN accounts_organisation o ON o.id = a.applicant_id
    JOIN calls_call k ON k.id = a.call_id LEFT JOIN monitoring_network n ON n.application_id = a.id
    LEFT JOIN (
        SELECT x.application_id, string_agg(q.name, '; ' ORDER BY q.name, q.id) AS names
        FROM applications_application_co_applicants x JOIN accounts_organisation q ON q.id = x.organisation_id GROUP BY 1
    ) AS others ON others.application_id = a.id
    WHERE d.kind = 'support' AND d.released_at < {RELEASED} AND a.state <> 'p1_draft'
    AND NOT EXISTS (SELECT FROM evaluation_decision s WHERE s.supersedes_id = d.id AND s.released_at < {RELEASED})"""

PAID = f"""
    paid AS (
        SELECT y.network_id, c.payer_id, sum(c.amount) AS paid FROM monitoring_contribution c JOIN monitoring_awardyear y ON y.id = c.award_year_id
        WHERE c.state = 'accepted' AND NOT c.is_reconstructed AND c.judged_at < {RELEASED} GROUP BY 1, 2
    ), ranked AS (
        SELECT network_id, paid, max(paid) OVER own AS most, sum(paid) OVER own AS whole, sum(paid) OVER (own ORDER BY paid DESC ROWS UNBOUNDED PRECEDING) AS carried
        FROM paid WINDOW own AS (PARTITION BY network_id)
    ), spread AS (
        SELECT network_id, max(paid) AS max, min(paid) AS min, percentile_cont(0.5) WITHIN GROUP (ORDER BY paid) AS median,
               count(*) FILTER (WHERE paid = most) AS at_max, count(*) FILTER (WHERE (carried - paid) * 2 < whole) AS to_half, count(*) AS count
        FROM ranked GROUP BY 1
        UNION ALL
        SELECT network_id, max(value) FILTER (WHERE label LIKE 'Hoogste bijdrage%%'), max(value) FILTER (WHERE label LIKE 'Laagste bijdrage%%'),
               max(value) FILTER (WHERE label LIKE 'Mediaan van de bijdragen%%'), max(value) FILTER (WHERE label LIKE 'Aantal bijdragen aan het hoogste%%')::bigint,
               max(value) FILTER (WHERE label LIKE 'Aantal bijdragen tot de helft%%')::bigint, max(value) FILTER (WHERE label = 'Aantal bijdragen van leden')::bigint AS count
        FROM monitoring_kpivalue WHERE is_reading AND as_of <= %(day)s AND label LIKE '%%bijdrage%%' AND network_id NOT IN (SELECT network_id FROM paid)
        GROUP BY 1 HAVING bool_or(label = 'Aantal bijdragen van leden')
    )"""
"""What each payer of each network paid, in the measures of table 8; as printed, where nobody's payments are known."""

AWARD = f"LEFT JOIN evaluation_decision d ON d.application_id = n.application_id AND d.kind = 'support' AND d.outcome = 'awarded' AND d.released_at < {RELEASED} AND NOT EXISTS (SELECT FROM evaluation_decision s WHERE s.supersedes_id = d.id AND s.released_at < {RELEASED})"

SIZES = f"""
    bounds AS (SELECT DISTINCT ON (call_id) * FROM calls_callrules ORDER BY call_id, version DESC),
    company AS (
        SELECT DISTINCT ON (m.organisation_id) m.organisation_id, n.call_id, count(*) OVER (PARTITION BY m.organisation_id) AS networks
        FROM (SELECT DISTINCT m.organisation_id, m.network_id {MEMBERS}) AS m JOIN monitoring_network n ON n.id = m.network_id
        ORDER BY m.organisation_id, n.code COLLATE "C"
    ), tied AS (
        SELECT t.profile_id, b.call_id, bool_and(t.staff IS NOT NULL) AS has_staff, bool_and(t.turnover IS NOT NULL) AS has_turnover, bool_and(t.balance_total IS NOT NULL) AS has_balance,
               sum(t.staff * part) AS staff, sum(t.turnover * part) AS turnover, sum(t.balance_total * part) AS balance
        FROM monitoring_companytie t JOIN bounds b ON t.fraction >= b.size_partner_fraction,
             LATERAL (SELECT CASE WHEN t.fraction > b.size_linked_fraction THEN 1 ELSE t.fraction END AS part) AS whole GROUP BY 1, 2
    ), figures AS (
        SELECT c.organisation_id, c.networks, b.*, p.id AS profile, p.independence, coalesce(p.staff, 0) + coalesce(t.staff, 0) AS least,
               CASE WHEN t.profile_id IS NULL OR t.has_staff THEN p.staff + coalesce(t.staff, 0) END AS staff,
               CASE WHEN t.profile_id IS NULL OR t.has_turnover THEN p.turnover + coalesce(t.turnover, 0) END AS turnover,
               CASE WHEN t.profile_id IS NULL OR t.has_balance THEN p.balance_total + coalesce(t.balance, 0) END AS balance,
               p.independence = 'linked' AND NOT EXISTS (SELECT FROM monitoring_companytie own WHERE own.profile_id = p.id) AS is_alone
        FROM company c JOIN bounds b ON b.call_id = c.call_id LEFT JOIN monitoring_companyprofile p ON p.organisation_id = c.organisation_id
        LEFT JOIN tied t ON t.profile_id = p.id AND t.call_id = c.call_id
    ), sized AS (
        SELECT organisation_id, networks, CASE
            WHEN profile IS NULL THEN 'unknown' WHEN independence = 'public' OR least >= size_medium_staff THEN 'large'
            WHEN independence = 'unknown' OR is_alone OR staff IS NULL THEN 'unknown'
            WHEN staff < size_micro_staff AND (turnover <= size_micro_money OR balance <= size_micro_money) THEN 'micro'
            WHEN staff < size_micro_staff AND (turnover IS NULL OR balance IS NULL) THEN 'unknown'
            WHEN staff < size_small_staff AND (turnover <= size_small_money OR balance <= size_small_money) THEN 'small'
            WHEN staff < size_small_staff AND (turnover IS NULL OR balance IS NULL) THEN 'unknown'
            WHEN staff < size_medium_staff AND (turnover <= size_medium_turnover OR balance <= size_medium_balance) THEN 'medium'
            WHEN staff < size_medium_staff AND (turnover IS NULL OR balance IS NULL) THEN 'unknown' ELSE 'large' END AS size
        FROM figures
    )"""
"""The size of each member by the European definition, from its own figures and those of linked companies and partners, as `size_of` finds it."""

SAID = """
    said AS (
        SELECT DISTINCT ON (v.network_id) v.network_id, v.value, v.basis FROM monitoring_kpivalue v
        LEFT JOIN calls_kpidefinition d ON d.id = v.definition_id LEFT JOIN monitoring_report r ON r.id = v.report_id
        WHERE (d.code = 'kpi1' OR v.label = 'Actieve ondernemingen') AND (v.as_of IS NULL OR v.as_of <= %(day)s) AND v.basis IN ('reported', 'at_start', 'computed')
        AND (r.id IS NULL OR r.state = 'approved')
        ORDER BY v.network_id, v.is_reading DESC, array_position(ARRAY['reported', 'at_start', 'computed'], v.basis::text), v.as_of DESC NULLS LAST, v.id DESC
    )"""

DECIDED = f"""
    FROM evaluation_decision d JOIN applications_application a ON a.id = d.application_id JOIN calls_call k ON k.id = a.call_id
    WHERE d.kind = 'support' AND d.released_at < {RELEASED} AND a.state <> 'p1_draft'
    AND NOT EXISTS (SELECT FROM evaluation_decision s WHERE s.supersedes_id = d.id AND s.released_at < {RELEASED})"""
OUTCOMES = DECIDED.replace("d.kind = 'support' AND ", "")
NAMED = DECIDED.replace(
    "WHERE",
    "JOIN accounts_organisation o ON o.id = a.applicant_id LEFT JOIN monitoring_network n ON n.application_id = a.id WHERE",
    1,
)
NETWORKS = "FROM monitoring_network n JOIN calls_call k ON k.id = n.call_id"
EXIST = f"n.application_id IN (SELECT application_id FROM evaluation_decision WHERE outcome = 'awarded' AND released_at < {RELEASED})"
AMOUNTS = f"amounts AS (SELECT a.id, d.amount {DECIDED} AND d.outcome = 'awarded')"
FACTS = """
    LEFT JOIN (
        SELECT network_id, {columns} FROM monitoring_networkfact WHERE is_reading AND (stated_on IS NULL OR stated_on <= %(day)s) AND attribute IN ({attributes}) GROUP BY 1
    ) AS said ON said.network_id = n.id"""
FUTURE = "LEFT JOIN (SELECT DISTINCT ON (network_id) network_id, text FROM monitoring_futurestatus WHERE as_of <= %(day)s ORDER BY network_id, as_of DESC) AS f ON f.network_id = n.id"
YEARS = f"FROM monitoring_awardyear y JOIN monitoring_network n ON n.id = y.network_id JOIN calls_call k ON k.id = n.call_id JOIN monitoring_agreement g ON g.network_id = n.id WHERE g.signed_at < {RELEASED} AND {EXIST}"
SETTLED = f"LEFT JOIN monitoring_settlement s ON s.award_year_id = y.id AND s.settled_at < {RELEASED}"


def facts(**attributes: str) -> str:
    """The readings of these facts of each network, each in a column: `number` or `value` after two underscores."""
    columns = ", ".join(
        f"max({name.rpartition('__')[2]}) FILTER (WHERE attribute = '{attribute}') AS {name.rpartition('__')[0]}"
        for name, attribute in attributes.items()
    )
    return FACTS.format(columns=columns, attributes=", ".join(f"'{one}'" for one in attributes.values()))


def said(name: str, code: str, label: str, bases: str, hidden: str = "") -> str:
    """What counts of an indicator of each network: a reading before another, one basis before the next, the newest of these."""
    return f"""
    {name} AS (
        SELECT network_id, value, basis FROM (
            SELECT DISTINCT ON (v.network_id) v.network_id, v.value, v.basis FROM monitoring_kpivalue v
            LEFT JOIN calls_kpidefinition d ON d.id = v.definition_id LEFT JOIN monitoring_report r ON r.id = v.report_id
            WHERE (d.code = '{code}' OR v.label = '{label}') AND (v.as_of IS NULL OR v.as_of <= %(day)s) AND v.basis = ANY('{{{bases}}}')
            AND (r.id IS NULL OR r.state = 'approved')
            ORDER BY v.network_id, v.is_reading DESC, array_position('{{{bases}}}'::text[], v.basis::text), v.as_of DESC NULLS FIRST, v.id DESC
        ) AS first WHERE basis <> '{hidden}'
    )"""


TABLE_7, COUNTED = "reported,computed,target", "reported,at_start,computed"
MEMBERS_SAID, STARTED_SAID = ("kpi1", "Actieve ondernemingen"), ("kpi3", "Gestarte samenwerkingen")
REPORTED = f"{said('members', *MEMBERS_SAID, TABLE_7, 'target')}, {said('started', *STARTED_SAID, TABLE_7, 'target')}"
TARGETS = f"""
    targets AS (
        SELECT DISTINCT ON (network_id, label) network_id, label, target FROM (
            SELECT network_id, label, value AS target, 0 AS agreed, as_of FROM monitoring_kpivalue WHERE basis = 'target' AND as_of <= %(day)s AND (definition_id IS NOT NULL OR report_id IS NOT NULL)
            UNION ALL
            SELECT g.network_id, t.label, t.target, 1, NULL FROM monitoring_agreementkpi t JOIN monitoring_agreement g ON g.id = t.agreement_id
            WHERE t.target IS NOT NULL AND (g.signed_at IS NULL OR g.signed_at < {RELEASED})
        ) AS every ORDER BY network_id, label, agreed DESC, as_of DESC
    ), realised AS (
        SELECT DISTINCT ON (v.network_id, v.label) v.network_id, v.label, v.value, v.as_of FROM monitoring_kpivalue v
        LEFT JOIN monitoring_report r ON r.id = v.report_id
        WHERE v.basis = 'reported' AND v.as_of <= %(day)s AND (v.definition_id IS NOT NULL OR v.report_id IS NOT NULL) AND (r.id IS NULL OR r.approved_at IS NOT NULL)
        ORDER BY v.network_id, v.label, v.is_reading DESC, v.as_of DESC, v.id DESC
    )"""
MEANS = facts(projects__number="projectsteun", other__value="andere-steun")
ASKED_FOR = facts(
    supported__number="projecten-gesteund",
    refused__number="projecten-geweigerd",
    intercluster__number="interclusteraanvragen",
    approved__number="interclusterprojecten",
)
BEFORE = f"AND a.created_at < {RELEASED} AND a.state <> 'p1_draft'"


BY_HAND: dict[str, str | tuple[str, ...]] = {
    "QP-01": f"SELECT a.title, concat_ws('; ', o.name, others.names), a.requested_grant, k.code {STANDING} AND d.outcome = 'rejected' ORDER BY k.year, a.number",
    "QP-02": f"SELECT a.title, concat_ws('; ', nullif(a.sector, ''), nullif(a.technology_domain, ''), nullif(a.keywords, '')), a.summary, k.code {DECIDED} AND d.outcome = 'rejected' ORDER BY k.year, a.number",
    "QP-03": f"SELECT a.title, a.requested_grant, round(a.requested_grant / nullif(r.grant_fraction, 0), 2), r.grant_fraction, k.code {DECIDED.replace('WHERE', 'JOIN calls_callrules r ON r.id = d.rules_id WHERE', 1)} AND d.outcome = 'rejected' ORDER BY k.year, a.number",
    "QP-04": f"SELECT a.title, d.reason, (SELECT e.knockouts FROM evaluation_rankingentry e JOIN evaluation_ranking r ON r.id = e.ranking_id WHERE e.application_id = a.id AND r.computed_at < {RELEASED} ORDER BY r.version DESC LIMIT 1), k.code {DECIDED} AND d.outcome = 'rejected' ORDER BY k.year, a.number",
    "QP-05": f"SELECT k.code, d.kind, d.outcome, d.origin, count(*) {OUTCOMES} GROUP BY 1, 2, 3, 4",
    "QP-06": f"SELECT coalesce(n.name, a.title), concat_ws('; ', o.name, others.names), d.amount, a.person_months, n.start_on, n.end_on, n.keywords {STANDING} AND d.outcome = 'awarded' ORDER BY k.year, a.number",
    "QP-09": f"SELECT k.code, count(*), count(d.amount), sum(d.amount) {DECIDED} AND d.outcome = 'awarded' GROUP BY k.id ORDER BY k.year",
    "QP-10": f"SELECT n.name, n.end_on, f.text, k.code {NETWORKS} {FUTURE} WHERE {EXIST} AND n.end_on <= %(day)s ORDER BY n.end_on, n.code",
    "QP-11": f"WITH {AMOUNTS} SELECT n.name, n.end_on, d.amount, said.projects, said.other, k.code {NETWORKS} LEFT JOIN amounts d ON d.id = n.application_id {MEANS} WHERE {EXIST} ORDER BY k.year, n.code",
    "QP-12": f"SELECT n.name, said.supported + said.refused, said.supported, said.refused, said.intercluster, said.approved, k.code {NETWORKS} {ASKED_FOR} WHERE {EXIST} ORDER BY k.year, n.code",
    "QP-14": f"WITH {said('started', *STARTED_SAID, COUNTED)} SELECT n.name, s.value, nullif((SELECT count(*) FROM monitoring_successstory t WHERE t.network_id = n.id AND t.told_on <= %(day)s) + (SELECT count(*) FROM monitoring_networkfact t WHERE t.network_id = n.id AND t.attribute = 'voorbeeld' AND (t.stated_on IS NULL OR t.stated_on <= %(day)s)), 0), k.code {NETWORKS} LEFT JOIN started s ON s.network_id = n.id WHERE {EXIST} ORDER BY k.year, n.code",
    "QP-15": f"WITH {TARGETS} SELECT n.name, label, t.target, v.value, round(v.value / nullif(t.target, 0), 2), v.as_of, k.code FROM targets t FULL JOIN realised v USING (network_id, label) JOIN monitoring_network n ON n.id = network_id JOIN calls_call k ON k.id = n.call_id WHERE {EXIST} ORDER BY k.year, n.code",
    "QP-16": f"SELECT n.name, n.end_on, r.due_on, r.submitted_at, k.code {NETWORKS} LEFT JOIN (SELECT DISTINCT ON (y.network_id) y.network_id, r.due_on, r.submitted_at FROM monitoring_report r JOIN monitoring_awardyear y ON y.id = r.award_year_id ORDER BY y.network_id, y.project_year DESC) AS r ON r.network_id = n.id WHERE {EXIST} AND n.end_on <= %(day)s ORDER BY k.year, n.code",
    "QP-19": f"WITH {SAID}, counted AS (SELECT m.network_id, count(DISTINCT m.organisation_id) AS number {MEMBERS} GROUP BY 1) SELECT n.name, coalesce(s.value, c.number), s.basis, k.code FROM monitoring_network n JOIN calls_call k ON k.id = n.call_id LEFT JOIN said s ON s.network_id = n.id LEFT JOIN counted c ON c.network_id = n.id WHERE {EXIST} ORDER BY k.year, n.code",
    "QP-20": f"WITH {SIZES}, members AS (SELECT DISTINCT m.network_id, m.organisation_id {MEMBERS}), counted AS (SELECT m.network_id, count(*) AS members, count(*) FILTER (WHERE s.size IN ('micro', 'small', 'medium')) AS sme, count(*) FILTER (WHERE s.size = 'large') AS large, count(*) FILTER (WHERE s.size = 'unknown') AS unknown FROM members m JOIN sized s USING (organisation_id) GROUP BY 1) SELECT n.name, c.members, c.sme, c.large, c.unknown, round(c.sme::numeric / nullif(c.sme + c.large, 0), 2), k.code FROM counted c JOIN monitoring_network n ON n.id = c.network_id JOIN calls_call k ON k.id = n.call_id ORDER BY k.year, n.code",
    "QP-27": f"SELECT extract(year FROM d.decided_on), count(*), sum(d.amount), count(d.amount) {DECIDED} AND d.outcome = 'awarded' GROUP BY 1 ORDER BY 1",
    "QP-28": f"WITH {AMOUNTS} SELECT n.name, d.amount, asked.supported + asked.refused, asked.supported, said.projects, said.other, k.code {NETWORKS} LEFT JOIN amounts d ON d.id = n.application_id {MEANS} {ASKED_FOR.replace('said', 'asked')} WHERE {EXIST} ORDER BY k.year, n.code",
    "QP-29": f"SELECT n.name, y.project_year, y.starts_on, y.ends_on, y.awarded_amount, coalesce(t.released, 0), s.forfeited, k.code {YEARS.replace('WHERE', f'LEFT JOIN (SELECT award_year_id, sum(amount) AS released FROM monitoring_tranche WHERE released_at < {RELEASED} GROUP BY 1) AS t ON t.award_year_id = y.id {SETTLED} WHERE', 1)} ORDER BY n.code, y.project_year",
    "QP-30": f"WITH {said('started', *STARTED_SAID, COUNTED)}, {TARGETS}, aims AS (SELECT DISTINCT ON (network_id) network_id, target FROM targets WHERE label LIKE '%%amenwerking%%' ORDER BY network_id, label) SELECT n.name, t.target, s.value, round(s.value / nullif(t.target, 0), 2), k.code {NETWORKS} LEFT JOIN started s ON s.network_id = n.id LEFT JOIN aims t ON t.network_id = n.id WHERE {EXIST} ORDER BY k.year, n.code",
    "QE-03": f"SELECT n.name, n.end_on, k.code, said.stated {NETWORKS} LEFT JOIN (SELECT network_id, array_agg(value) AS stated FROM monitoring_networkfact WHERE attribute = 'einde' AND (stated_on IS NULL OR stated_on <= %(day)s) GROUP BY 1) AS said ON said.network_id = n.id WHERE {EXIST} ORDER BY k.year, n.end_on, n.code",
    "QE-04": f"SELECT n.name, n.keywords, k.code, said.words {NETWORKS} {facts(words__value='kernwoorden')} WHERE {EXIST} ORDER BY k.year, n.code",
    "QE-05": f"WITH {REPORTED} SELECT (SELECT sum(value) FROM members), (SELECT sum(value) FROM started)",
    "QE-06": f"WITH {AMOUNTS}, {REPORTED} SELECT n.network_type, count(*), sum(d.amount), sum(m.value), sum(s.value) FROM monitoring_network n LEFT JOIN amounts d ON d.id = n.application_id LEFT JOIN members m ON m.network_id = n.id LEFT JOIN started s ON s.network_id = n.id WHERE {EXIST} GROUP BY 1",
    "QE-07": f"WITH {said('members', *MEMBERS_SAID, TABLE_7)}, {said('started', *STARTED_SAID, TABLE_7)} SELECT n.name, n.end_on, n.executor_text, n.network_type, n.origin, m.value, s.value, said.projects, f.text, k.code {NETWORKS} LEFT JOIN members m ON m.network_id = n.id LEFT JOIN started s ON s.network_id = n.id {facts(projects__number='interclusteraanvragen')} {FUTURE} WHERE {EXIST} ORDER BY k.year, n.code",
    "QE-08": f"WITH {PAID} SELECT n.name, d.amount, s.max, s.min, s.median, s.at_max, s.to_half, s.count, k.code FROM spread s JOIN monitoring_network n ON n.id = s.network_id JOIN calls_call k ON k.id = n.call_id {AWARD} ORDER BY k.year, n.code",
    "QE-12": f"WITH {SIZES} SELECT size, count(*) FROM sized GROUP BY 1",
    "QE-13": f"SELECT extract(year FROM age(%(day)s::date, p.founded_on)), count(DISTINCT o.id) {MEMBERS.replace('WHERE', 'LEFT JOIN monitoring_companyprofile p ON p.organisation_id = o.id WHERE', 1)} GROUP BY 1",
    "QE-14": f"SELECT o.postcode, count(DISTINCT o.id) {MEMBERS} GROUP BY 1",
    "QE-15": f"WITH {SIZES} SELECT networks, count(*), count(*) FILTER (WHERE size IN ('micro', 'small', 'medium')) FROM sized GROUP BY 1 ORDER BY 1",
    "QE-22": f"WITH {said('members', *MEMBERS_SAID, TABLE_7, 'target')} SELECT n.network_type, sum(m.value) FROM monitoring_network n JOIN members m ON m.network_id = n.id WHERE {EXIST} GROUP BY 1",
    "QE-23": f"WITH {TARGETS} SELECT count(*) FROM targets JOIN realised USING (network_id, label)",
    "QE-24": f"WITH {AMOUNTS}, {said('members', *MEMBERS_SAID, TABLE_7, 'target')} SELECT d.amount > 400000, count(*), sum(m.value) FROM monitoring_network n JOIN members m ON m.network_id = n.id JOIN amounts d ON d.id = n.application_id AND d.amount IS NOT NULL GROUP BY 1 ORDER BY 1 DESC",
    "QE-25": f"WITH {AMOUNTS} SELECT CASE WHEN amount = (SELECT max(amount) FROM amounts) THEN 1 WHEN amount < 300000 THEN 2 WHEN amount IS NOT NULL THEN 3 ELSE 4 END, count(*) FROM amounts GROUP BY 1 ORDER BY 1",
    "QE-27": f"WITH {PAID} SELECT n.name, s.to_half, s.count, round(s.to_half::numeric / s.count, 2), k.code FROM spread s JOIN monitoring_network n ON n.id = s.network_id JOIN calls_call k ON k.id = n.call_id ORDER BY 4",
    "QE-33": f"WITH raised AS (SELECT y.network_id, sum(c.amount) AS raised FROM monitoring_contribution c JOIN monitoring_awardyear y ON y.id = c.award_year_id WHERE c.state = 'accepted' AND NOT c.is_reconstructed AND c.judged_at < {RELEASED} GROUP BY 1) SELECT n.name, a.requested_grant, d.amount, r.raised, k.code FROM raised r JOIN monitoring_network n ON n.id = r.network_id JOIN applications_application a ON a.id = n.application_id JOIN calls_call k ON k.id = n.call_id {AWARD} ORDER BY k.year, n.code",
    "QE-34": f"SELECT a.title, CASE WHEN trim(a.cluster_manager_name) <> '' THEN 'ja' ELSE 'nee' END, k.code FROM applications_application a JOIN calls_call k ON k.id = a.call_id WHERE NOT a.is_reconstructed {BEFORE} ORDER BY k.year, a.number",
    "QE-35": f"SELECT sum(c.amount), count(DISTINCT y.network_id) FROM monitoring_contribution c JOIN monitoring_awardyear y ON y.id = c.award_year_id WHERE c.state = 'accepted' AND NOT c.is_reconstructed AND c.judged_at < {RELEASED}",
    "QR-04": f"SELECT left(p.nace, 2), count(DISTINCT o.id) {MEMBERS.replace('WHERE', 'LEFT JOIN monitoring_companyprofile p ON p.organisation_id = o.id WHERE', 1)} GROUP BY 1",
    "QR-14": f"WITH live AS (SELECT DISTINCT m.network_id, m.organisation_id {MEMBERS}) SELECT a.network_id, b.network_id, count(*) FROM live a JOIN live b ON b.organisation_id = a.organisation_id AND b.network_id > a.network_id GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 2000",
    "QM-03": f"WITH live AS (SELECT DISTINCT m.network_id, o.enterprise_number {MEMBERS}), newest AS (SELECT DISTINCT ON (cluster) id, cluster, as_of FROM applications_spearheadmemberlist WHERE as_of <= %(day)s ORDER BY cluster, as_of DESC) SELECT listing.networks, shared.* FROM (SELECT count(DISTINCT network_id) AS networks FROM live) AS listing LEFT JOIN (SELECT l.network_id, n.cluster, count(*) FROM live l JOIN applications_spearheadmember s USING (enterprise_number) JOIN newest n ON n.id = s.member_list_id GROUP BY 1, 2) AS shared ON true",
    "QM-05": f"SELECT k.code, a.number, d.amount, sum(d.amount) OVER so_far, c.budget - sum(d.amount) OVER so_far, c.max_awards - count(*) OVER so_far {DECIDED.replace('WHERE', 'JOIN evaluation_callceiling c ON c.call_id = k.id WHERE', 1)} AND d.outcome = 'awarded' AND d.amount IS NOT NULL WINDOW so_far AS (PARTITION BY k.id ORDER BY a.number) ORDER BY k.year, a.number",
    "QM-06": f"SELECT coalesce(nullif(a.sector, ''), nullif(a.technology_domain, ''), 'Niet ingevuld'), count(*), sum(d.amount) {DECIDED} AND d.outcome = 'awarded' GROUP BY 1 ORDER BY 2 DESC, 1",
    "QM-09": f"WITH owned AS (SELECT a.id, a.applicant_id AS organisation_id FROM applications_application a WHERE true {BEFORE} UNION ALL SELECT x.application_id, x.organisation_id FROM applications_application_co_applicants x JOIN applications_application a ON a.id = x.application_id {BEFORE}), counted AS (SELECT w.*, o.name, o.enterprise_number, count(*) OVER (PARTITION BY o.name, o.enterprise_number) AS number FROM owned w JOIN accounts_organisation o ON o.id = w.organisation_id) SELECT c.name, c.enterprise_number, a.number, a.title, a.state, k.code FROM counted c JOIN applications_application a ON a.id = c.id JOIN calls_call k ON k.id = a.call_id WHERE c.number > 1 ORDER BY c.name, c.enterprise_number",
    "QM-10": f"SELECT a.number, a.title, concat_ws('; ', o.name, others.names), d.outcome, d.decided_on, a.requested_grant, d.amount, r.version, (SELECT count(*) FROM evaluation_decisioncondition c WHERE c.decision_id = d.id), k.code {STANDING.replace('WHERE d.kind', 'JOIN calls_callrules r ON r.id = d.rules_id WHERE d.kind', 1)} AND d.outcome IN ('awarded', 'rejected') ORDER BY d.outcome, k.year, a.number",
    "QA-01": f"SELECT y.id, y.awarded_amount, c.state, sum(c.amount) {LEDGER} WHERE c.entered_at < %(day)s::date + 1 GROUP BY 1, 2, 3",
    "QA-02": f"SELECT y.id, sum(c.amount) FILTER (WHERE c.kind LIKE 'cash%%'), sum(c.amount) {LEDGER} WHERE c.state = 'accepted' GROUP BY 1",
    "QA-03": f"WITH whole AS (SELECT count(*), sum(c.amount) {LEDGER} WHERE c.state = 'accepted' AND c.judged_at < {RELEASED}) SELECT c.*, o.*, whole.* {LEDGER} JOIN accounts_organisation o ON o.id = c.payer_id, whole WHERE c.state = 'accepted' AND c.judged_at < {RELEASED} ORDER BY n.code, y.project_year, c.invoiced_on, c.id LIMIT 2000",
    "QA-04": f"SELECT c.refused_rule, count(*), sum(c.amount) {LEDGER} WHERE c.state = 'refused' GROUP BY 1",
    "QA-06": f"SELECT n.name, a.person_months, k.code {NAMED} AND d.outcome = 'awarded' AND n.id IS NOT NULL AND a.person_months IS NOT NULL ORDER BY k.year, a.number",
    "QA-07": f"SELECT o.name, count(*), sum(d.amount), count(*) FILTER (WHERE d.amount > r.award_published_above) {NAMED.replace('WHERE', 'JOIN calls_callrules r ON r.id = d.rules_id WHERE', 1)} AND d.outcome = 'awarded' AND n.id IS NOT NULL AND (d.decided_on IS NULL OR d.decided_on >= %(day)s::date - 3652) GROUP BY 1 ORDER BY 1",
    "QA-09": f"SELECT a.number, d.outcome, r.version, r.reason, k.code {DECIDED.replace('WHERE', 'JOIN calls_callrules r ON r.id = d.rules_id WHERE', 1)} AND d.outcome IN ('awarded', 'rejected') ORDER BY d.outcome, k.year, a.number",
    "OD-01": f"SELECT b.name, b.enterprise_number, b.postcode, p.nace, d.amount, d.decided_on, coalesce(nullif(k.decision_body, ''), k.fund), coalesce(nullif(k.legal_basis, ''), k.name) {NAMED.replace('WHERE', 'JOIN calls_callrules r ON r.id = d.rules_id JOIN accounts_organisation b ON b.id = coalesce(n.beneficiary_id, a.applicant_id) LEFT JOIN monitoring_companyprofile p ON p.organisation_id = b.id WHERE', 1)} AND d.outcome = 'awarded' AND d.amount > r.award_published_above ORDER BY d.decided_on DESC NULLS LAST, a.number",
    "OD-02": f"SELECT b.name, b.enterprise_number, coalesce(n.name, a.title), d.amount, d.decided_on, k.fund, k.legal_basis, a.number {NAMED.replace('WHERE', 'JOIN accounts_organisation b ON b.id = coalesce(n.beneficiary_id, a.applicant_id) WHERE', 1)} AND d.outcome = 'awarded' ORDER BY k.year, a.number",
}  # fmt: skip
"""Each question about what there are thousands of, by hand."""

KNOWN_CALLS = "k.state <> 'draft' AND (k.launched_on <= %(day)s OR k.launched_on IS NULL AND k.year <= extract(year FROM %(day)s::date))"
RULES = (
    "LEFT JOIN LATERAL (SELECT * FROM calls_callrules WHERE call_id = k.id ORDER BY version DESC LIMIT 1) AS r ON true"
)
CALLS = f"""
    SELECT k.name, k.launched_on, k.launched_text, one.closes_at, two.closes_at, r.max_grant_year, r.project_years, r.grant_fraction, r.budget_available, k.code
    FROM calls_call k LEFT JOIN calls_phase one ON one.call_id = k.id AND one.number = 1 LEFT JOIN calls_phase two ON two.call_id = k.id AND two.number = 2
    {RULES} WHERE {KNOWN_CALLS} ORDER BY k.year"""
EXPECTED = f"""
    FROM monitoring_awardyear y JOIN monitoring_network n ON n.id = y.network_id JOIN calls_call k ON k.id = n.call_id
    LEFT JOIN monitoring_agreement g ON g.network_id = n.id LEFT JOIN monitoring_report r ON r.award_year_id = y.id
    WHERE (r.id IS NOT NULL OR n.state IN ('running', 'final_evaluation') AND g.signed_at < {RELEASED}) AND y.starts_on <= %(day)s AND {EXIST}"""
HOW_MANY = f"SELECT count(*) FROM monitoring_network n WHERE {EXIST}"
"""Of how many networks: what the coverage of an answer says, where the rows do not tell it."""
COLLABORATIONS = f"""
    FROM monitoring_collaboration c JOIN monitoring_network n ON n.id = c.network_id JOIN calls_call k ON k.id = n.call_id
    LEFT JOIN (SELECT collaboration_id, count(*) AS number FROM monitoring_collaborationparty GROUP BY 1) AS p ON p.collaboration_id = c.id
    WHERE NOT n.is_reconstructed AND c.initiated_on <= %(day)s AND c.entered_at < {RELEASED} AND {EXIST}"""


def chosen_since(action: str) -> str:
    """What was chosen since the date: without it nobody knows which statement counted then."""
    return f"(SELECT jsonb_agg(jsonb_build_array(stream, changes) ORDER BY at DESC, seq DESC) FROM audit_auditevent WHERE action = '{action}' AND at >= {RELEASED})"


def printed(*starts: str) -> str:
    """What sources said of calls or the programme, and which statement counted."""
    subjects = " OR ".join(f"f.subject LIKE '{start}%%'" for start in starts)
    return f"""
        SELECT f.label, f.value, f.number, f.is_reading, f.source, f.note, {chosen_since("publishedfact.reading_chosen")}
        FROM calls_publishedfact f LEFT JOIN calls_call k ON k.id = f.call_id
        WHERE ({subjects}) AND (f.stated_on IS NULL OR f.stated_on <= %(day)s) AND (k.launched_on IS NULL OR k.launched_on <= %(day)s)
        ORDER BY k.year, f.subject, f.is_reading DESC, f.source"""


def stated(attribute: str) -> str:
    """The same of networks."""
    return f"""
        SELECT n.name, f.value, f.note, f.is_reading, f.source, k.code, n.code, {chosen_since("network.reading_chosen")}
        FROM monitoring_networkfact f JOIN monitoring_network n ON n.id = f.network_id JOIN calls_call k ON k.id = n.call_id
        WHERE f.attribute LIKE '{attribute}' AND (f.stated_on IS NULL OR f.stated_on <= %(day)s) AND {EXIST} ORDER BY k.year, n.code, f.is_reading DESC, f.source"""


def surveyed(*questions: str) -> str:
    """The published values of the survey."""
    which = f"AND question IN ({', '.join(repr(one) for one in questions)})" if questions else ""
    return f'SELECT code, measure, question, scale, dimension, "group", value, printed, base, note, source FROM monitoring_surveyfigure WHERE stated_on <= %(day)s {which} ORDER BY id'


BY_HAND |= {
    "QP-07": (f"SELECT n.name, y.project_year, coalesce(r.due_on, y.ends_on), r.submitted_at, r.approved_at, (SELECT count(*) FROM monitoring_steeringmeeting m WHERE m.network_id = n.id AND m.observer_present AND m.cancelled_at IS NULL AND (m.starts_at AT TIME ZONE 'Europe/Brussels')::date BETWEEN y.starts_on AND y.ends_on AND m.starts_at < {RELEASED}), (SELECT min_steering_meetings_attended FROM calls_callrules WHERE call_id = k.id ORDER BY version DESC LIMIT 1) {EXPECTED} ORDER BY n.code, y.project_year", f"SELECT n.call_id, count(*), count(*) FILTER (WHERE n.is_reconstructed), min(r.min_steering_meetings_attended) FROM monitoring_network n JOIN calls_callrules r ON r.call_id = n.call_id WHERE {EXIST} GROUP BY 1"),
    "QP-08": CALLS,
    "QP-13": BY_HAND["QP-12"],
    "QP-17": (f"SELECT n.name, n.end_on, f.text, k.code, {chosen_since('network.reading_chosen')} {NETWORKS} {FUTURE} WHERE {EXIST} AND n.end_on > %(day)s AND n.end_on <= make_date(extract(year FROM %(day)s::date)::int + 1, 12, 31) ORDER BY n.end_on, n.code", f"SELECT EXISTS (SELECT FROM monitoring_network n WHERE {EXIST})"),
    "QP-18": printed("bevinding-"),
    "QP-21": (printed("programma-a-30"), surveyed()),
    "QP-22": printed("verslag-bevraging"),
    "QP-23": printed("evaluatie-"),
    "QP-24": (CALLS, printed("nieuwe-oproep")),
    "QP-25": (f"SELECT p.source, count(*), count(*) FILTER (WHERE p.outcome = 'supported'), sum(p.amount) FILTER (WHERE p.outcome = 'supported') FROM monitoring_relatedproject p JOIN monitoring_network n ON n.id = p.network_id WHERE p.entered_at < {RELEASED} AND {EXIST} GROUP BY 1", printed("herkomst-")),
    "QP-26": printed("niet-geoormerkt"),
    "QP-31": (f"SELECT n.name, y.project_year, y.awarded_amount, s.payable, s.reduction_reason, k.code {YEARS.replace('WHERE', 'JOIN monitoring_settlement s ON s.award_year_id = y.id WHERE', 1)} AND s.settled_at < {RELEASED} ORDER BY n.code, y.project_year", HOW_MANY),
    "QP-32": BY_HAND["QP-15"],
    "QE-01": (f"SELECT k.code, k.name, r.max_grant_year, r.project_years FROM calls_callrules r JOIN calls_call k ON k.id = r.call_id WHERE {KNOWN_CALLS} ORDER BY k.year, r.version", printed("spc-", "ibn-aantal")),
    "QE-09": (stated("voorbeeld"), f"SELECT n.name, c.title, c.instrument, p.number, k.code {COLLABORATIONS} AND c.state IN ('started', 'completed') ORDER BY n.code, c.initiated_on"),
    "QE-10": stated("interclusterproject-%%"),
    "QE-11": printed("evaluatie-"),
    "QE-16": (surveyed("2"), printed("relevantie-70")),
    "QE-17": surveyed("3-4", "5", "6"),
    "QE-18": surveyed("9"),
    "QE-19": surveyed("7"),
    "QE-20": surveyed(),
    "QE-21": printed("programma-a-21", "programma-a-22", "programma-a-23"),
    "QE-26": f"SELECT n.name, y.project_year, s.surplus_cofinancing, k.code FROM monitoring_settlement s JOIN monitoring_awardyear y ON y.id = s.award_year_id JOIN monitoring_network n ON n.id = y.network_id JOIN calls_call k ON k.id = n.call_id WHERE s.settled_at < {RELEASED} AND {EXIST} ORDER BY n.code, y.project_year",
    "QE-28": (f"SELECT p.number > 2, c.state, c.failure_reason, count(*), count(DISTINCT n.id) {COLLABORATIONS} GROUP BY 1, 2, 3", printed("mislukt-", "programma-a-10"), HOW_MANY),
    "QE-29": (stated("partnerschap"), HOW_MANY),
    "QE-30": (stated("focusstudie"), HOW_MANY),
    "QE-31": f"SELECT coalesce(n.name, a.title), c.text, f.text, k.code, a.number {STANDING.replace('WHERE d.kind', f'JOIN evaluation_decisioncondition c ON c.decision_id = d.id {FUTURE} WHERE d.kind', 1)} AND d.outcome = 'awarded' AND c.topic = 'spc_integration' ORDER BY k.year, a.number",
    "QE-32": (stated("stuurgroep"), f"SELECT n.name, o.name, o.kind, k.code FROM monitoring_steeringattendance s JOIN monitoring_steeringmeeting m ON m.id = s.meeting_id JOIN accounts_organisation o ON o.id = s.organisation_id JOIN monitoring_network n ON n.id = m.network_id JOIN calls_call k ON k.id = n.call_id WHERE o.kind <> 'company' AND m.starts_at < {RELEASED} AND {EXIST} GROUP BY n.code, 1, 2, 3, 4 ORDER BY n.code, o.name", HOW_MANY),
    "QM-01": f"SELECT a.number, s.phase, c.label, c.machine_outcome, c.verdict, u.full_name, c.verdict_at, k.code FROM applications_admissibilitycheck c JOIN applications_submission s ON s.id = c.submission_id JOIN applications_application a ON a.id = s.application_id JOIN calls_call k ON k.id = a.call_id LEFT JOIN accounts_user u ON u.id = c.verdict_by_id WHERE s.received_at < {RELEASED} AND a.state <> 'p1_draft' ORDER BY a.number, s.phase, s.version, c.position",
    "QM-02": f"SELECT a.number, l.phase, count(*), count(DISTINCT l.enterprise_number), count(*) FILTER (WHERE l.signed_file_id IS NOT NULL OR l.signed_online_at IS NOT NULL), k.code FROM applications_letter l JOIN applications_application a ON a.id = l.application_id JOIN calls_call k ON k.id = a.call_id WHERE l.added_at < {RELEASED} AND a.state <> 'p1_draft' GROUP BY 1, 2, 6 ORDER BY 1, 2",
    "QM-04": f"SELECT a.number, a.title, e.rank, e.total, e.dimension_totals, d.outcome, d.deviation_reason, k.code FROM evaluation_rankingentry e JOIN evaluation_ranking r ON r.id = e.ranking_id JOIN applications_application a ON a.id = e.application_id JOIN calls_call k ON k.id = a.call_id LEFT JOIN evaluation_decision d ON d.application_id = a.id AND d.kind = 'support' AND d.released_at < {RELEASED} WHERE r.computed_at < {RELEASED} AND a.state <> 'p1_draft' ORDER BY k.year, e.rank",
    "QM-07": (f"SELECT n.name, c.text, c.met_at, c.met_note, k.code FROM monitoring_agreementcondition c JOIN monitoring_agreement g ON g.id = c.agreement_id JOIN monitoring_network n ON n.id = g.network_id JOIN calls_call k ON k.id = n.call_id WHERE g.drafted_at < {RELEASED} AND {EXIST}", f"SELECT a.title, c.text, k.code, n.id {STANDING.replace('WHERE d.kind', 'JOIN evaluation_decisioncondition c ON c.decision_id = d.id WHERE d.kind', 1)} AND d.outcome = 'awarded' ORDER BY k.year, a.number"),
    "QM-08": f"SELECT n.name, y.project_year, coalesce(r.due_on, y.ends_on), r.submitted_at, k.code {EXPECTED} ORDER BY 3, n.code",
    "QA-05": f"SELECT n.name, y.project_year, r.keeps_separate_accounts, r.allocation_key, k.code FROM monitoring_report r JOIN monitoring_awardyear y ON y.id = r.award_year_id JOIN monitoring_network n ON n.id = y.network_id JOIN calls_call k ON k.id = n.call_id WHERE r.submitted_at < {RELEASED} AND {EXIST} ORDER BY n.code, y.project_year",
    "QA-08": f"SELECT action, count(*), max(at) FROM audit_auditevent WHERE at < {RELEASED} GROUP BY 1 ORDER BY 1",
    "QA-10": f"SELECT n.name, m.starts_at, m.invited_at, m.observer_present, m.minutes_at, k.code FROM monitoring_steeringmeeting m JOIN monitoring_network n ON n.id = m.network_id JOIN calls_call k ON k.id = n.call_id WHERE m.cancelled_at IS NULL AND m.starts_at < {RELEASED} AND {EXIST} ORDER BY n.code, m.starts_at",
    "QR-09": f"SELECT c.instrument, count(*), count(*) FILTER (WHERE c.started_on <= %(day)s) {COLLABORATIONS} GROUP BY 1 ORDER BY 1",
    "QR-24": (f"""
        WITH told AS (
            SELECT DISTINCT ON (v.network_id, d.code, v.project_year) v.network_id, d.code, v.project_year, v.label, v.value
            FROM monitoring_kpivalue v JOIN calls_kpidefinition d ON d.id = v.definition_id LEFT JOIN monitoring_report r ON r.id = v.report_id
            JOIN monitoring_network n ON n.id = v.network_id
            WHERE v.project_year IS NOT NULL AND v.basis IN ('reported', 'at_start') AND v.as_of <= %(day)s
            AND (r.id IS NULL OR r.state = 'approved' AND r.approved_at < {RELEASED}) AND {EXIST}
            ORDER BY v.network_id, d.code, v.project_year, v.is_reading DESC, v.as_of DESC, v.id DESC
        ), aims AS (
            SELECT DISTINCT ON (network_id, code) network_id, code, target FROM (
                SELECT v.network_id, d.code, v.value AS target, 0 AS agreed, v.is_reading, v.as_of, v.id
                FROM monitoring_kpivalue v JOIN calls_kpidefinition d ON d.id = v.definition_id WHERE v.basis = 'target' AND v.as_of <= %(day)s
                UNION ALL
                SELECT g.network_id, d.code, t.target, 1, true, NULL, t.id FROM monitoring_agreementkpi t JOIN monitoring_agreement g ON g.id = t.agreement_id
                JOIN calls_kpidefinition d ON d.id = t.definition_of_call_id WHERE t.target IS NOT NULL AND g.signed_at < {RELEASED}
            ) AS every ORDER BY network_id, code, agreed DESC, is_reading DESC, as_of DESC, id DESC
        )
        SELECT code, project_year, max(label), count(*), sum(value), count(target), sum(target), sum(value) FILTER (WHERE target IS NOT NULL), {chosen_since('kpivalue.reading_chosen')}
        FROM told LEFT JOIN aims USING (network_id, code) GROUP BY 1, 2 ORDER BY 1, 2""", HOW_MANY),
}  # fmt: skip
"""And the others, which read little or nothing: where one statement would not do, several."""


SAME = {
    "QP-01": ("title", "applicants", "requested", "call"),
    "QP-02": ("title", "domain", "summary", "call"),
    "QP-03": ("title", "requested", "budget", "rate", "call"),
    "QP-04": ("title", "ground", None, "call"),
    "QP-06": ("title", "applicants", "award", "months", "start", "end", "keywords"),
    "QP-10": ("network", "end", "future", "call"),
    "QP-11": ("network", "end", "award", "projects", "other", "call"),
    "QP-12": ("network", "asked", "supported", "refused", "intercluster", "approved", "call"),
    "QP-14": ("network", "started", "stories", "call"),
    "QP-15": ("network", "kpi", "target", "value", None, "moment", "call"),
    "QP-16": ("network", "end", "due", None, "call"),
    "QP-19": ("network", "members", None, "call"),
    "QP-20": ("network", "members", "sme", "large", "unknown", "share", "call"),
    "QP-28": ("network", "award", "asked", "supported", "projects", "other", "call"),
    "QP-29": ("network", "year", "starts", "ends", "awarded", "released", "forfeited", "call"),
    "QP-30": ("network", "target", "value", None, "call"),
    "QE-03": ("network", "end", "call", None),
    "QE-04": ("network", "keywords", "call", None),
    "QE-06": (None, "networks", "award", "members", "started"),
    "QE-07": ("network", "end", "executor", None, "origin", "members", "started", "projects", "future", "call"),
    "QE-08": ("network", "award", "max", "min", None, "at_max", "to_half", "count", "call"),
    "QE-12": (None, "companies"),
    "QE-15": (None, "companies", "sme"),
    "QE-24": (None, "networks", "members"),
    "QE-25": (None, "networks"),
    "QE-27": ("network", "to_half", "count", "share", "call"),
    "QE-33": ("network", "requested", "award", "raised", "call"),
    "QE-34": ("title", "known", "call"),
    "QR-14": (None, None, "companies"),
    "QM-05": ("call", "dossier", "amount", "spent", "left", "places"),
    "QM-06": ("domain", "networks", "amount"),
    "QM-09": ("organisation", None, "dossier", "title", None, "call"),
    "QM-10": ("dossier", "title", "applicants", None, "on", "requested", "amount", "rules", "conditions", "call"),
    "QA-06": ("network", "planned", "call"),
    "QA-07": ("beneficiary", "awards", "amount", "publish"),
    "QA-09": ("dossier", None, "rules", "reason", "call"),
    "OD-01": ("beneficiary", None, None, None, "amount", "granted", "authority", "measure"),
    "OD-02": ("beneficiary", None, "subject", "amount", "granted", "giver", "basis", "dossier"),
}  # fmt: skip
"""The cells that each column by hand must give too; None where it says the same in other words."""
