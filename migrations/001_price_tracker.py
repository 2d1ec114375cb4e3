"""The price tracker: products and their plan, prices, alert rules, run logs, hosts, outbox."""


def migrate(migrator, database, *, fake=False):
    migrator.sql("""
        CREATE TABLE products (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            url text NOT NULL,
            name text NOT NULL,
            image_url text,
            active boolean NOT NULL DEFAULT true,
            schedule text NOT NULL DEFAULT '0 9 * * *',
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            timezone text NOT NULL DEFAULT 'UTC',
            currency text,
            selector text,
            next_run_at timestamptz,
            due_at timestamptz,
            run_id uuid,
            attempts integer NOT NULL DEFAULT 0,
            failures integer NOT NULL DEFAULT 0,
            last_price bigint,
            last_currency text,
            last_availability text,
            last_list_price bigint,
            suspect_price bigint,
            suspect_currency text,
            etag text,
            last_modified text,
            CONSTRAINT products_url_unique UNIQUE (url)
        )
    """)
    migrator.sql("CREATE INDEX idx_products_due ON products (next_run_at) WHERE active")
    migrator.sql("""
        CREATE TABLE price_records (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            product_id uuid NOT NULL,
            price bigint NOT NULL,
            currency text NOT NULL DEFAULT 'USD',
            scraped_at timestamptz NOT NULL DEFAULT now(),
            availability text,
            list_price bigint,
            run_id uuid,
            CONSTRAINT price_records_product_id_products_id_fk
                FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE CASCADE,
            CONSTRAINT price_records_price_check CHECK (price >= 0),
            CONSTRAINT price_records_list_price_check CHECK (list_price >= 0)
        )
    """)
    migrator.sql(
        "CREATE INDEX idx_price_records_product_time ON price_records (product_id, scraped_at)"
    )
    migrator.sql("""
        CREATE TABLE alert_rules (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            product_id uuid NOT NULL,
            target_price bigint,
            active boolean NOT NULL DEFAULT true,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            kind text NOT NULL DEFAULT 'target',
            currency text,
            percent numeric(7, 4),
            amount bigint,
            reference text,
            days integer,
            failures integer,
            state jsonb NOT NULL DEFAULT '{}',
            CONSTRAINT alert_rules_product_id_products_id_fk
                FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE CASCADE,
            CONSTRAINT alert_rules_kind_check CHECK (kind IN
                ('target', 'drop', 'new_low', 'back_in_stock', 'any_change', 'failing')),
            CONSTRAINT alert_rules_reference_check CHECK (reference IN
                ('last_alert', 'last_price', 'first_price', 'highest_since_alert')),
            CONSTRAINT alert_rules_needs_check CHECK (CASE kind
                WHEN 'target' THEN target_price IS NOT NULL
                WHEN 'drop' THEN num_nonnulls(percent, amount) = 1 AND reference IS NOT NULL
                WHEN 'new_low' THEN days IS NOT NULL
                WHEN 'failing' THEN failures IS NOT NULL
                ELSE true END),
            CONSTRAINT alert_rules_range_check CHECK (
                target_price >= 0 AND amount > 0 AND percent > 0 AND percent <= 100
                AND days > 0 AND failures > 0)
        )
    """)
    migrator.sql("CREATE INDEX idx_alert_rules_product ON alert_rules (product_id)")
    migrator.sql("""
        CREATE TABLE run_logs (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            product_id uuid NOT NULL,
            status text NOT NULL,
            error_message text,
            created_at timestamptz NOT NULL DEFAULT now(),
            due_at timestamptz,
            run_id uuid,
            attempt integer NOT NULL DEFAULT 1,
            missed integer NOT NULL DEFAULT 0,
            outcome text,
            http_status integer,
            duration_ms integer,
            bytes bigint,
            extractor text,
            CONSTRAINT run_logs_product_id_products_id_fk
                FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE CASCADE,
            CONSTRAINT run_logs_slot_unique UNIQUE (product_id, due_at, attempt),
            CONSTRAINT run_logs_status_check CHECK (status IN ('SUCCESS', 'FAILED')),
            CONSTRAINT run_logs_outcome_check CHECK (outcome IN
                ('ok', 'not_modified', 'out_of_stock', 'no_price', 'ambiguous', 'blocked',
                 'not_found', 'http_error', 'timeout', 'too_large', 'refused', 'parse_error'))
        )
    """)
    migrator.sql("CREATE INDEX idx_run_logs_created_at ON run_logs (created_at)")
    migrator.sql("""
        CREATE TABLE hosts (
            host text NOT NULL PRIMARY KEY,
            next_allowed_at timestamptz NOT NULL DEFAULT now(),
            deferred_until timestamptz NOT NULL DEFAULT now(),
            failures integer NOT NULL DEFAULT 0,
            closed_until timestamptz
        )
    """)
    migrator.sql("""
        CREATE TABLE outbox (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            dedupe_key text NOT NULL,
            channel text NOT NULL,
            product_id uuid,
            rule_id uuid,
            title text NOT NULL,
            body text NOT NULL,
            data jsonb NOT NULL DEFAULT '{}',
            status text NOT NULL DEFAULT 'pending',
            attempts integer NOT NULL DEFAULT 0,
            next_attempt_at timestamptz NOT NULL DEFAULT now(),
            claim_id uuid,
            last_error text,
            created_at timestamptz NOT NULL DEFAULT now(),
            sent_at timestamptz,
            CONSTRAINT outbox_once_unique UNIQUE (dedupe_key, channel),
            CONSTRAINT outbox_product_id_products_id_fk
                FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE SET NULL,
            CONSTRAINT outbox_rule_id_alert_rules_id_fk
                FOREIGN KEY (rule_id) REFERENCES alert_rules (id) ON DELETE SET NULL,
            CONSTRAINT outbox_status_check CHECK (status IN ('pending', 'sent', 'dead'))
        )
    """)
    migrator.sql(
        "CREATE INDEX idx_outbox_pending ON outbox (next_attempt_at) WHERE status = 'pending'"
    )
    migrator.sql("CREATE INDEX idx_outbox_product ON outbox (product_id)")
    migrator.sql("CREATE INDEX idx_outbox_rule ON outbox (rule_id)")
    migrator.sql("CREATE INDEX idx_outbox_created_at ON outbox (created_at)")
    # An edited schedule forgets its old plan, whoever edits it. A run in hand keeps its fence:
    # its completion sees the changed schedule and leaves the plan empty for the worker to fill.
    migrator.sql("""
        CREATE FUNCTION products_replan() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.next_run_at := NULL;
            NEW.due_at := NULL;
            NEW.attempts := 0;
            RETURN NEW;
        END $$
    """)
    migrator.sql("""
        CREATE TRIGGER products_replan BEFORE UPDATE OF schedule, timezone, active ON products
        FOR EACH ROW WHEN (OLD.run_id IS NULL AND (OLD.schedule, OLD.timezone, OLD.active)
            IS DISTINCT FROM (NEW.schedule, NEW.timezone, NEW.active))
        EXECUTE FUNCTION products_replan()
    """)
    migrator.sql("""
        CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at := now();
            RETURN NEW;
        END $$
    """)
    # What the worker writes (plan, state) is no edit.
    migrator.sql("""
        CREATE TRIGGER products_updated BEFORE UPDATE
            OF url, name, active, schedule, timezone, currency, selector ON products FOR EACH ROW
        WHEN (OLD.updated_at = NEW.updated_at AND OLD IS DISTINCT FROM NEW)
        EXECUTE FUNCTION set_updated_at()
    """)
    migrator.sql("""
        CREATE TRIGGER alert_rules_updated BEFORE UPDATE
            OF target_price, active, kind, currency, percent, amount, reference, days, failures ON alert_rules FOR EACH ROW
        WHEN (OLD.updated_at = NEW.updated_at AND OLD IS DISTINCT FROM NEW)
        EXECUTE FUNCTION set_updated_at()
    """)


def rollback(migrator, database, *, fake=False):
    migrator.sql("DROP TABLE outbox, hosts, run_logs, alert_rules, price_records, products")
    migrator.sql("DROP FUNCTION products_replan(), set_updated_at()")
