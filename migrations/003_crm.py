"""The CRM: customers, orders, automations, messages, and what they need."""


def migrate(migrator, database, *, fake=False):
    migrator.sql("""
        CREATE TYPE customer_segment AS ENUM (
            'champion', 'loyal', 'potential', 'new', 'at_risk', 'hibernating', 'lost'
        )
    """)
    migrator.sql("""
        CREATE TYPE financial_status AS ENUM (
            'pending', 'authorized', 'partially_paid', 'paid', 'partially_refunded', 'refunded',
            'voided', 'expired'
        )
    """)
    migrator.sql("""
        CREATE TYPE trigger_type AS ENUM (
            'first_order', 'segment_change', 'days_since_order', 'tag_added', 'cart_abandoned'
        )
    """)
    migrator.sql(
        "CREATE TYPE action_type AS ENUM ('send_email', 'add_tag', 'remove_tag', 'send_sms')"
    )
    migrator.sql("CREATE TYPE message_channel AS ENUM ('email', 'sms')")
    migrator.sql("""
        CREATE TYPE message_status AS ENUM (
            'queued', 'sending', 'sent', 'delivered', 'opened', 'clicked', 'converted',
            'bounced', 'complained', 'failed', 'suppressed', 'cancelled'
        )
    """)
    migrator.sql("""
        CREATE TABLE customers (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            shop_id varchar(255) NOT NULL,
            shopify_id varchar(255) NOT NULL,
            name varchar(255),
            email varchar(255),
            phone varchar(50),
            rfm_r integer,
            rfm_f integer,
            rfm_m integer,
            segment customer_segment,
            lifecycle_stage varchar(100),
            tags text[],
            total_spent numeric(19, 4),
            order_count integer DEFAULT 0,
            avg_order_value numeric(19, 4),
            first_order_at timestamptz,
            last_order_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            marketing_opted_out boolean NOT NULL DEFAULT false,
            timezone text,
            scored_at timestamptz,
            shopify_created_at timestamptz,
            shopify_updated_at timestamptz,
            deleted_at timestamptz,
            CONSTRAINT customers_shop_id_shopify_id_unique UNIQUE (shop_id, shopify_id),
            CONSTRAINT customers_rfm_check CHECK (
                rfm_r BETWEEN 1 AND 5 AND rfm_f BETWEEN 1 AND 5 AND rfm_m BETWEEN 1 AND 5)
        )
    """)
    # The thirteen plain indexes of the CRM's specification begin here. Some are prefixes of unique
    # constraints; they are kept because it names them.
    migrator.sql("CREATE INDEX customers_shop_id_idx ON customers (shop_id)")
    migrator.sql("CREATE INDEX customers_shopify_id_idx ON customers (shopify_id)")
    migrator.sql("CREATE INDEX customers_segment_idx ON customers (segment)")
    migrator.sql("CREATE INDEX customers_email_idx ON customers (email)")
    migrator.sql("""
        CREATE TABLE orders (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            shop_id varchar(255) NOT NULL,
            shopify_id varchar(255) NOT NULL,
            customer_id uuid,
            total_price numeric(19, 4),
            line_items jsonb,
            financial_status financial_status,
            created_at timestamptz NOT NULL DEFAULT now(),
            currency varchar(3),
            is_historical boolean NOT NULL DEFAULT false,
            shopify_created_at timestamptz,
            shopify_updated_at timestamptz,
            CONSTRAINT orders_customer_id_customers_id_fk
                FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE SET NULL,
            CONSTRAINT orders_shop_id_shopify_id_unique UNIQUE (shop_id, shopify_id),
            CONSTRAINT orders_total_price_check CHECK (total_price >= 0)
        )
    """)
    migrator.sql("CREATE INDEX orders_shop_id_idx ON orders (shop_id)")
    migrator.sql("CREATE INDEX orders_customer_id_idx ON orders (customer_id)")
    migrator.sql("CREATE INDEX orders_created_at_idx ON orders (created_at)")
    migrator.sql("""
        CREATE TABLE automations (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            shop_id varchar(255) NOT NULL,
            name varchar(255) NOT NULL,
            trigger_type trigger_type NOT NULL,
            trigger_config jsonb,
            delay_value integer,
            delay_unit varchar(50),
            action_type action_type NOT NULL,
            action_config jsonb,
            email_template_id varchar(255),
            enabled boolean NOT NULL DEFAULT true,
            last_run_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT automations_shop_id_name_unique UNIQUE (shop_id, name),
            CONSTRAINT automations_delay_check CHECK (
                delay_value >= 0 AND delay_unit IN ('minutes', 'hours', 'days'))
        )
    """)
    migrator.sql("CREATE INDEX automations_shop_id_idx ON automations (shop_id)")
    migrator.sql("CREATE INDEX automations_enabled_idx ON automations (enabled)")
    migrator.sql("""
        CREATE TABLE message_logs (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            shop_id varchar(255) NOT NULL,
            customer_id uuid,
            automation_id uuid,
            channel message_channel NOT NULL,
            subject varchar(500),
            status message_status NOT NULL,
            sent_at timestamptz,
            opened_at timestamptz,
            clicked_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            event_key text NOT NULL DEFAULT gen_random_uuid(),
            scheduled_at timestamptz NOT NULL DEFAULT now(),
            attempts integer NOT NULL DEFAULT 0,
            next_attempt_at timestamptz,
            claim_id uuid,
            last_error text,
            skip_reason text,
            provider_message_id text,
            delivered_at timestamptz,
            converted_at timestamptz,
            CONSTRAINT message_logs_customer_id_customers_id_fk
                FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE SET NULL,
            CONSTRAINT message_logs_automation_id_automations_id_fk
                FOREIGN KEY (automation_id) REFERENCES automations (id) ON DELETE SET NULL,
            CONSTRAINT message_logs_once_unique UNIQUE (automation_id, customer_id, event_key)
        )
    """)
    migrator.sql("CREATE INDEX message_logs_shop_id_idx ON message_logs (shop_id)")
    migrator.sql("CREATE INDEX message_logs_customer_id_idx ON message_logs (customer_id)")
    migrator.sql("CREATE INDEX message_logs_automation_id_idx ON message_logs (automation_id)")
    migrator.sql("CREATE INDEX message_logs_status_idx ON message_logs (status)")
    migrator.sql(
        "CREATE INDEX message_logs_queued_idx ON message_logs (scheduled_at) WHERE status = 'queued'"
    )
    migrator.sql("""
        CREATE TABLE suppressions (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            shop_id varchar(255) NOT NULL,
            channel message_channel NOT NULL,
            address varchar(255) NOT NULL,
            reason text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT suppressions_reason_check CHECK (
                reason IN ('hard_bounce', 'complaint', 'unsubscribe', 'manual'))
        )
    """)
    migrator.sql("""
        CREATE UNIQUE INDEX suppressions_address_unique
            ON suppressions (shop_id, channel, lower(address))
    """)
    migrator.sql("""
        CREATE TABLE segment_changes (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            shop_id varchar(255) NOT NULL,
            customer_id uuid NOT NULL,
            run_id uuid NOT NULL,
            old_segment customer_segment,
            new_segment customer_segment,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT segment_changes_customer_id_customers_id_fk
                FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE,
            CONSTRAINT segment_changes_once_unique UNIQUE (run_id, customer_id)
        )
    """)
    migrator.sql("CREATE INDEX segment_changes_customer_id_idx ON segment_changes (customer_id)")
    migrator.sql(
        "CREATE INDEX segment_changes_shop_id_idx ON segment_changes (shop_id, created_at)"
    )
    migrator.sql("""
        CREATE TABLE rfm_thresholds (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            shop_id varchar(255) NOT NULL,
            run_id uuid NOT NULL,
            as_of timestamptz NOT NULL,
            recency integer[] NOT NULL,
            frequency integer[] NOT NULL,
            monetary numeric(19, 4)[] NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT rfm_thresholds_shop_id_unique UNIQUE (shop_id),
            CONSTRAINT rfm_thresholds_cuts_check CHECK (
                cardinality(recency) = 4
                AND cardinality(frequency) = 4 AND cardinality(monetary) = 4)
        )
    """)
    migrator.sql("""
        CREATE TABLE webhook_deliveries (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            shop_id varchar(255) NOT NULL,
            webhook_id varchar(255) NOT NULL,
            topic varchar(255) NOT NULL,
            payload jsonb,
            status text NOT NULL DEFAULT 'received',
            error text,
            created_at timestamptz NOT NULL DEFAULT now(),
            processed_at timestamptz,
            CONSTRAINT webhook_deliveries_shop_id_webhook_id_unique UNIQUE (shop_id, webhook_id),
            CONSTRAINT webhook_deliveries_status_check CHECK (
                status IN ('received', 'processed', 'failed'))
        )
    """)


def rollback(migrator, database, *, fake=False):
    migrator.sql("""
        DROP TABLE webhook_deliveries, rfm_thresholds, segment_changes, suppressions,
            message_logs, automations, orders, customers
    """)
    migrator.sql("""
        DROP TYPE message_status, message_channel, action_type, trigger_type, financial_status,
            customer_segment
    """)
