"""From here on the database holds what was published; the calls that are out already are frozen as they stand."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from django.utils import timezone


def freeze_what_is_out(apps, _schema_editor):
    apps.get_model("calls", "Call").objects.exclude(state="draft").update(frozen_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0005_amendments_papers_and_prediscussions"),
    ]

    operations = [
        migrations.RunPython(freeze_what_is_out, migrations.RunPython.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="call",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_call_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."frozen_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="4620f7eb3d24f147ace6b02d7525c743c017ea5e",
                    operation="DELETE",
                    pgid="pgtrigger_frozen_call_is_kept_6feb9",
                    table="calls_call",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="call",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_texts_need_an_amendment",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.frozen_at IS NOT NULL AND OLD.amendment_id IS NOT DISTINCT FROM NEW.amendment_id AND (OLD.code IS DISTINCT FROM NEW.code OR OLD.year IS DISTINCT FROM NEW.year OR OLD.name IS DISTINCT FROM NEW.name OR OLD.summary IS DISTINCT FROM NEW.summary OR OLD.objectives IS DISTINCT FROM NEW.objectives OR OLD.target_group IS DISTINCT FROM NEW.target_group OR OLD.fund IS DISTINCT FROM NEW.fund OR OLD.decision_body IS DISTINCT FROM NEW.decision_body OR OLD.legal_basis IS DISTINCT FROM NEW.legal_basis OR OLD.contact_email IS DISTINCT FROM NEW.contact_email OR OLD.documents_url IS DISTINCT FROM NEW.documents_url OR OLD.pitch_location IS DISTINCT FROM NEW.pitch_location OR OLD.prediscussion_intro IS DISTINCT FROM NEW.prediscussion_intro OR OLD.frozen_at IS DISTINCT FROM NEW.frozen_at))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="5b1233bb57a89ac8fa3604fbd9527c55bc1a87a6",
                    operation="UPDATE",
                    pgid="pgtrigger_frozen_texts_need_an_amendment_9e3d1",
                    table="calls_call",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterion",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_call",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT call_id FROM calls_dimension WHERE id IN (OLD.dimension_id, NEW.dimension_id)) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT call_id FROM calls_dimension WHERE id IN (OLD.dimension_id, NEW.dimension_id)) AND frozen_at IS NOT NULL) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="2d2942aacb3b267da072c517596a9b34128471ea",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_with_its_call_e0168",
                    table="calls_criterion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dimension",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_call",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) AND frozen_at IS NOT NULL) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="e4ef94f5153fd333c2441a6d807afede1d8eabfe",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_with_its_call_05e4a",
                    table="calls_dimension",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="knockoutrule",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_call",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) AND frozen_at IS NOT NULL) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="d1f81f4f4ba9419a1e43aed544bc710daf8023e2",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_with_its_call_aadb7",
                    table="calls_knockoutrule",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="kpidefinition",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_call",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) AND frozen_at IS NOT NULL) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="b78d0529318b155140f56fd6abad6fc689d35299",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_with_its_call_23c30",
                    table="calls_kpidefinition",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="milestone",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_by_amendment_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) AND frozen_at IS NOT NULL) AND (TG_OP = 'DELETE' OR NEW.amendment_id IS NULL OR NEW.amendment_id IS NOT DISTINCT FROM OLD.amendment_id OR NOT EXISTS (SELECT 1 FROM calls_amendment WHERE id = NEW.amendment_id AND call_id = NEW.call_id)) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="f31511ed0a6d35f30149ad9c157a632967550a7b",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_changed_by_amendment_only_2b311",
                    table="calls_milestone",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phase",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_by_amendment_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) AND frozen_at IS NOT NULL) AND (TG_OP = 'DELETE' OR NEW.amendment_id IS NULL OR NEW.amendment_id IS NOT DISTINCT FROM OLD.amendment_id OR NOT EXISTS (SELECT 1 FROM calls_amendment WHERE id = NEW.amendment_id AND call_id = NEW.call_id)) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="86310a6822754e5118e794c0e8efcccfe4b9569f",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_changed_by_amendment_only_8e4ae",
                    table="calls_phase",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phase",
            trigger=pgtrigger.compiler.Trigger(
                name="open_phase_is_never_shortened",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF (NEW.closes_at IS NULL OR NEW.closes_at < OLD.closes_at OR NEW.opens_at IS DISTINCT FROM OLD.opens_at) AND EXISTS (SELECT 1 FROM calls_amendment a JOIN calls_call c ON c.id = a.call_id WHERE a.id = NEW.amendment_id AND c.frozen_at IS NOT NULL AND a.made_at >= OLD.opens_at) THEN RAISE EXCEPTION 'A phase that has opened is never shortened'; END IF; RETURN NEW;",
                    hash="620c2350438b39117ea88e5f2df7b2f30a712479",
                    operation="UPDATE",
                    pgid="pgtrigger_open_phase_is_never_shortened_3ea7d",
                    table="calls_phase",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="question",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_call",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT call_id FROM calls_section WHERE id IN (OLD.section_id, NEW.section_id)) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT call_id FROM calls_section WHERE id IN (OLD.section_id, NEW.section_id)) AND frozen_at IS NOT NULL) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="43990aee44e9a891b7a167839d2632c5be9de7c8",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_with_its_call_277fc",
                    table="calls_question",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="scalestep",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_call",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) AND frozen_at IS NOT NULL) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="3000e5ddb1aba5651969a1f1afdc707c617eef6f",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_with_its_call_23f1f",
                    table="calls_scalestep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="section",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_call",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) AND frozen_at IS NOT NULL) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="7f4c68c7ed09da9c7423991e6cb091eb681fe015",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_with_its_call_1e194",
                    table="calls_section",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="amendment",
            trigger=pgtrigger.compiler.Trigger(
                name="amendment_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ffa814ef49699a9f0afa4804bb549334686f9e98",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_amendment_is_kept_5cb82",
                    table="calls_amendment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mailtext",
            trigger=pgtrigger.compiler.Trigger(
                name="versions_are_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) AND frozen_at IS NOT NULL) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="8fd6233142103708a5ce760de98d8398aa0d48f5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_versions_are_kept_3353f",
                    table="calls_mailtext",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paper",
            trigger=pgtrigger.compiler.Trigger(
                name="changed_by_amendment_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) FOR SHARE; IF EXISTS (SELECT 1 FROM calls_call WHERE id IN (SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])) AND frozen_at IS NOT NULL) AND (TG_OP = 'DELETE' OR NEW.amendment_id IS NULL OR NEW.amendment_id IS NOT DISTINCT FROM OLD.amendment_id OR NOT EXISTS (SELECT 1 FROM calls_amendment WHERE id = NEW.amendment_id AND call_id = NEW.call_id)) THEN RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME USING ERRCODE = 'raise_exception'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                    hash="5e833ad847b0909f9a0acb66ae5d6a15477244b5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_changed_by_amendment_only_76500",
                    table="calls_paper",
                    when="BEFORE",
                ),
            ),
        ),
    ]
