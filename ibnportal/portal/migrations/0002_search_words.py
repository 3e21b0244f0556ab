"""What the search looks in: two functions, and the indexes over them (ADR 0034). The tables belong to apps below this one."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION search_words(a text, b text DEFAULT '', c text DEFAULT '', d text DEFAULT '') RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 5000 AS $$
  WITH plain AS (
    SELECT regexp_replace(
      translate(
        lower(normalize(left(coalesce(a, '') || ' ' || coalesce(b, '') || ' ' || coalesce(c, '') || ' ' || coalesce(d, ''), 200000))),
        'àáâãäåāçčèéêëēìíîïīñòóôõöøōśšùúûüūýÿžź', 'aaaaaaacceeeeeiiiiinooooooossuuuuuyyzz'
      ), '[^[:alnum:]]+', ' ', 'g') AS text
  ), word AS (
    SELECT DISTINCT one FROM plain, regexp_split_to_table(plain.text, ' ') AS one WHERE one ~ '^[a-z0-9]{7,40}$'
  ), tail AS (
    SELECT substr(one, start) AS part FROM word, generate_series(4, length(one) - 3) AS start LIMIT 12000
  )
  SELECT to_tsvector('pg_catalog.dutch', plain.text) || to_tsvector('pg_catalog.simple', plain.text)
    || coalesce((SELECT array_to_tsvector(array_agg(DISTINCT part)) FROM tail), ''::tsvector)
  FROM plain
$$;

CREATE FUNCTION search_handed_in(snapshot jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2000 AS $$
  SELECT coalesce(string_agg(value #>> '{}', ' '), '') FROM jsonb_array_elements(
    jsonb_path_query_array(snapshot, '$.summary') || jsonb_path_query_array(snapshot, '$.sections[*].answers[*].display')
    || jsonb_path_query_array(snapshot, '$.supplement.text') || jsonb_path_query_array(snapshot, '$.supplement.items[*].answer')
  )
$$;
"""

INDEXES = {
    "search_application": "applications_application USING gin (search_words(number, acronym, title, keywords))",
    "search_submission": "applications_submission USING gin (search_words(search_handed_in(snapshot)))",
    "search_answer": "applications_answer USING gin (search_words(value))",
    "search_network": "monitoring_network USING gin (search_words(code, name, keywords, aliases::text))",
    "search_organisation": "accounts_organisation USING gin (search_words(name, enterprise_number))",
    "search_user": "accounts_user USING gin (search_words(full_name, email))",
}


class Migration(migrations.Migration):
    """After the tables are as they are indexed."""

    dependencies = [
        ("portal", "0001_answer_documents"),
        ("accounts", "0001_initial"),
        ("applications", "0001_squashed_0011_names_for_several"),
        ("monitoring", "0001_squashed_0010_member_survey"),
    ]

    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION search_handed_in(jsonb); DROP FUNCTION search_words(text, text, text, text);",
        ),
        *[migrations.RunSQL(f"CREATE INDEX {name} ON {on}", f"DROP INDEX {name}") for name, on in INDEXES.items()],
    ]
