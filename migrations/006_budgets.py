"""Budgets of LLM calls, and the thresholds they have reached."""


def migrate(migrator, database, *, fake=False):
    migrator.sql("""
        CREATE TABLE budgets (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            amount_usd numeric NOT NULL,
            period text NOT NULL DEFAULT 'month',
            timezone text NOT NULL DEFAULT 'UTC',
            project_id text,
            feature text,
            user_id text,
            thresholds integer[] NOT NULL DEFAULT '{50,80,100}',
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT budgets_amount_check CHECK (amount_usd > 0 AND amount_usd <= 1000000000000),
            CONSTRAINT budgets_period_check CHECK (period IN ('day', 'week', 'month')),
            CONSTRAINT budgets_thresholds_check CHECK (
                cardinality(thresholds) > 0 AND 0 < ALL (thresholds)
                AND array_position(thresholds, NULL) IS NULL)
        )
    """)
    migrator.sql("""
        CREATE TABLE budget_alerts (
            budget_id uuid NOT NULL,
            window_start timestamptz NOT NULL,
            threshold integer NOT NULL,
            spent_usd numeric NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT budget_alerts_pkey PRIMARY KEY (budget_id, window_start, threshold),
            CONSTRAINT budget_alerts_budget_id_budgets_id_fk
                FOREIGN KEY (budget_id) REFERENCES budgets (id) ON DELETE CASCADE
        )
    """)


def rollback(migrator, database, *, fake=False):
    migrator.sql("DROP TABLE budget_alerts, budgets")
