"""The platform: users, sign-in, projects with their members and canvas, subscriptions."""


def migrate(migrator, database, *, fake=False):
    migrator.sql("CREATE TYPE canvas_node_types AS ENUM ('preview', 'declaration')")
    migrator.sql("""
        CREATE TABLE users (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            email text NOT NULL,
            name text,
            password_hash text,
            email_verified boolean NOT NULL DEFAULT false,
            image text,
            role text NOT NULL DEFAULT 'user',
            banned boolean NOT NULL DEFAULT false,
            ban_reason text,
            ban_expires timestamptz,
            stripe_customer_id text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            coaching_count integer NOT NULL DEFAULT 0,
            coaching_reset_at timestamptz,
            persona_signals jsonb,
            CONSTRAINT users_email_unique UNIQUE (email),
            CONSTRAINT users_stripe_customer_id_unique UNIQUE (stripe_customer_id),
            CONSTRAINT users_coaching_count_check CHECK (coaching_count >= 0)
        )
    """)
    migrator.sql("CREATE UNIQUE INDEX users_email_lower_unique ON users (lower(email))")
    migrator.sql("""
        CREATE TABLE accounts (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            account_id text NOT NULL,
            provider_id text NOT NULL,
            user_id uuid NOT NULL,
            access_token text,
            refresh_token text,
            id_token text,
            access_token_expires_at timestamptz,
            refresh_token_expires_at timestamptz,
            scope text,
            password text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT accounts_user_id_users_id_fk
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT accounts_provider_id_account_id_unique UNIQUE (provider_id, account_id)
        )
    """)
    migrator.sql("CREATE INDEX accounts_user_id_idx ON accounts (user_id)")
    migrator.sql("""
        CREATE UNIQUE INDEX accounts_credential_unique
            ON accounts (user_id) WHERE provider_id = 'credential'
    """)
    migrator.sql("""
        CREATE TABLE sessions (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            expires_at timestamptz NOT NULL,
            token text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            ip_address text,
            user_agent text,
            user_id uuid NOT NULL,
            impersonated_by uuid,
            active_organization_id text,
            CONSTRAINT sessions_user_id_users_id_fk
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT sessions_impersonated_by_users_id_fk
                FOREIGN KEY (impersonated_by) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT sessions_token_unique UNIQUE (token)
        )
    """)
    migrator.sql("CREATE INDEX sessions_user_id_idx ON sessions (user_id)")
    migrator.sql("CREATE INDEX sessions_impersonated_by_idx ON sessions (impersonated_by)")
    migrator.sql("CREATE INDEX sessions_expires_at_idx ON sessions (expires_at)")
    migrator.sql("""
        CREATE TABLE projects (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            title text,
            description text,
            subdomain text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            user_id uuid NOT NULL,
            CONSTRAINT projects_user_id_users_id_fk
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT projects_subdomain_unique UNIQUE (subdomain)
        )
    """)
    migrator.sql("CREATE INDEX projects_created_at_idx ON projects (created_at)")
    migrator.sql("CREATE INDEX projects_user_id_idx ON projects (user_id)")
    migrator.sql("""
        CREATE TABLE project_members (
            project_id uuid NOT NULL,
            user_id uuid NOT NULL,
            role text NOT NULL DEFAULT 'editor',
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (project_id, user_id),
            CONSTRAINT project_members_project_id_projects_id_fk
                FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
            CONSTRAINT project_members_user_id_users_id_fk
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT project_members_role_check CHECK (role IN ('editor', 'viewer'))
        )
    """)
    migrator.sql("CREATE INDEX project_members_user_id_idx ON project_members (user_id)")
    migrator.sql("""
        CREATE TABLE canvas_nodes (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            type canvas_node_types NOT NULL,
            position jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            project_id uuid NOT NULL,
            CONSTRAINT canvas_nodes_project_id_projects_id_fk
                FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
            CONSTRAINT canvas_nodes_position_check CHECK (
                coalesce(jsonb_typeof(position -> 'x'), '') = 'number'
                AND coalesce(jsonb_typeof(position -> 'y'), '') = 'number')
        )
    """)
    migrator.sql("CREATE INDEX canvas_nodes_created_at_idx ON canvas_nodes (created_at)")
    migrator.sql("CREATE INDEX canvas_nodes_project_id_idx ON canvas_nodes (project_id)")
    migrator.sql("""
        CREATE TABLE subscriptions (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            plan text NOT NULL,
            reference_id uuid NOT NULL,
            stripe_customer_id text,
            stripe_subscription_id text,
            status text NOT NULL DEFAULT 'incomplete',
            period_start timestamptz,
            period_end timestamptz,
            cancel_at_period_end boolean NOT NULL DEFAULT false,
            seats integer,
            trial_start timestamptz,
            trial_end timestamptz,
            cancel_at timestamptz,
            canceled_at timestamptz,
            ended_at timestamptz,
            synced_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT subscriptions_reference_id_users_id_fk
                FOREIGN KEY (reference_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT subscriptions_stripe_subscription_id_unique
                UNIQUE (stripe_subscription_id),
            CONSTRAINT subscriptions_status_check CHECK (status IN
                ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due',
                 'canceled', 'unpaid', 'paused')),
            CONSTRAINT subscriptions_seats_check CHECK (seats > 0)
        )
    """)
    migrator.sql("CREATE INDEX subscriptions_reference_id_idx ON subscriptions (reference_id)")
    migrator.sql("""
        CREATE TABLE verifications (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            identifier text NOT NULL,
            value text NOT NULL,
            expires_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    migrator.sql("CREATE INDEX verifications_identifier_idx ON verifications (identifier)")
    migrator.sql("CREATE INDEX verifications_expires_at_idx ON verifications (expires_at)")
    for (
        table
    ) in "users accounts sessions projects canvas_nodes subscriptions verifications".split():
        migrator.sql(f"""
            CREATE TRIGGER {table}_updated BEFORE UPDATE ON {table} FOR EACH ROW
            WHEN (OLD.updated_at = NEW.updated_at AND OLD IS DISTINCT FROM NEW)
            EXECUTE FUNCTION set_updated_at()
        """)


def rollback(migrator, database, *, fake=False):
    migrator.sql("""
        DROP TABLE verifications, subscriptions, canvas_nodes, project_members, projects,
            sessions, accounts, users
    """)
    migrator.sql("DROP TYPE canvas_node_types")
