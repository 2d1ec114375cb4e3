"""The columns that the specifications name."""

#: What each of the five specifications says of its tables, in the words of the catalog. `id`,
#: `created_at` and `updated_at` are the same everywhere. A time is a timestamptz throughout, and a
#: column that has a default is not null.
SPECIFIED = {
    # 000, the price tracker. Its prices are bigint: a laptop in rupiah overflows an integer.
    "products": """
        url text not null
        name text not null
        image_url text
        active boolean not null = true
        schedule text not null = '0 9 * * *'
    """,
    "price_records": """
        product_id uuid not null
        price bigint not null
        currency text not null = 'USD'
        scraped_at timestamptz not null = now()
    """,
    "alert_rules": """
        product_id uuid not null
        target_price bigint
        active boolean not null = true
    """,
    "run_logs": """
        product_id uuid not null
        status text not null
        error_message text
    """,
    # 001, LLM costs. Prices and costs are numeric without limits, tokens bigint; an unpriced call
    # has no estimate, and not every call was timed.
    "events": """
        trace_id text not null
        span_id text not null
        parent_span_id text
        project_id text not null = 'default'
        feature text not null
        user_id text
        provider text not null
        model text not null
        input_tokens bigint not null
        output_tokens bigint not null
        cached_tokens bigint not null = 0
        latency_ms integer
        estimated_cost_usd numeric
        verified_cost_usd numeric
        is_cache_hit boolean not null = false
        metadata jsonb
    """,
    "model_pricing": """
        provider text not null
        model text not null
        input_price_per_1k numeric not null
        output_price_per_1k numeric not null
        effective_date timestamptz not null = now()
    """,
    "prompt_analysis": """
        event_id uuid not null
        input_token_ratio numeric(8,4)
        redundancy_score numeric(5,4)
        suggestions jsonb
    """,
    "prompt_embeddings": """
        event_id uuid not null
        embedding vector(1536) not null
        prompt_hash text not null
    """,
    "cost_aggregates": """
        project_id text not null = 'default'
        feature text not null
        model text not null
        period text not null
        period_start timestamptz not null
        total_cost numeric not null = 0
        total_tokens bigint not null
        call_count bigint not null = 0
        avg_latency numeric
    """,
    # 002, the CRM, with what its later migrations added.
    "customers": """
        shop_id varchar(255) not null
        shopify_id varchar(255) not null
        name varchar(255)
        email varchar(255)
        phone varchar(50)
        rfm_r integer
        rfm_f integer
        rfm_m integer
        segment customer_segment
        lifecycle_stage varchar(100)
        tags text[]
        total_spent numeric(19,4)
        order_count integer = 0
        avg_order_value numeric(19,4)
        first_order_at timestamptz
        last_order_at timestamptz
        marketing_opted_out boolean not null = false
        timezone text
        scored_at timestamptz
        shopify_created_at timestamptz
        shopify_updated_at timestamptz
        deleted_at timestamptz
    """,
    "orders": """
        shop_id varchar(255) not null
        shopify_id varchar(255) not null
        customer_id uuid
        total_price numeric(19,4)
        line_items jsonb
        financial_status financial_status
        currency varchar(3)
        is_historical boolean not null = false
        shopify_created_at timestamptz
        shopify_updated_at timestamptz
    """,
    "automations": """
        shop_id varchar(255) not null
        name varchar(255) not null
        trigger_type trigger_type not null
        trigger_config jsonb
        delay_value integer
        delay_unit varchar(50)
        action_type action_type not null
        action_config jsonb
        email_template_id varchar(255)
        enabled boolean not null = true
        last_run_at timestamptz
    """,
    "message_logs": """
        shop_id varchar(255) not null
        customer_id uuid
        automation_id uuid
        channel message_channel not null
        subject varchar(500)
        status message_status not null
        sent_at timestamptz
        opened_at timestamptz
        clicked_at timestamptz
        event_key text not null = gen_random_uuid()
        scheduled_at timestamptz not null = now()
        attempts integer not null = 0
        next_attempt_at timestamptz
        skip_reason text
        provider_message_id text
        delivered_at timestamptz
        converted_at timestamptz
    """,
    # 003, the platform, and 004, coaching, share the users.
    "users": """
        email text not null
        name text
        password_hash text
        email_verified boolean not null = false
        image text
        role text not null = 'user'
        banned boolean not null = false
        ban_reason text
        ban_expires timestamptz
        stripe_customer_id text
        coaching_count integer not null = 0
        coaching_reset_at timestamptz
        persona_signals jsonb
    """,
    "accounts": """
        account_id text not null
        provider_id text not null
        user_id uuid not null
        access_token text
        refresh_token text
        id_token text
        access_token_expires_at timestamptz
        refresh_token_expires_at timestamptz
        scope text
        password text
    """,
    "sessions": """
        expires_at timestamptz not null
        token text not null
        ip_address text
        user_agent text
        user_id uuid not null
        impersonated_by uuid
        active_organization_id text
    """,
    "projects": """
        title text
        description text
        subdomain text not null
        user_id uuid not null
    """,
    "canvas_nodes": """
        type canvas_node_types not null
        position jsonb not null
        project_id uuid not null
    """,
    "subscriptions": """
        plan text not null
        reference_id uuid not null
        stripe_customer_id text
        stripe_subscription_id text
        status text not null = 'incomplete'
        period_start timestamptz
        period_end timestamptz
        cancel_at_period_end boolean not null = false
        seats integer
        trial_start timestamptz
        trial_end timestamptz
        cancel_at timestamptz
        canceled_at timestamptz
        ended_at timestamptz
    """,
    # 004, coaching, with the columns of its architecture document.
    "refresh_tokens": """
        user_id uuid not null
        token varchar(500) not null
        expires_at timestamptz not null
        family_id uuid not null = gen_random_uuid()
        parent_id uuid
        used_at timestamptz
        revoked_at timestamptz
        family_expires_at timestamptz
    """,
    "tasks": """
        user_id uuid not null
        title text not null
        status text not null = 'pending'
        text varchar(500)
        importance integer
        confidence integer
        is_completed boolean not null = false
        completed_at timestamptz
    """,
    "goals": """
        user_id uuid not null
        title text
        description text
        what_matters text
        biggest_win text
        worst_outcome text
    """,
    "coaching_interactions": """
        user_id uuid not null
        task_id uuid
        prompt text not null
        response text not null
        question_hash varchar(64)
        latency integer
        token_count jsonb
        cost numeric(10,6)
        cache_hit boolean not null = false
    """,
    "coaching_cache": """
        key text not null
        value jsonb not null
        expires_at timestamptz not null = (now() + '30 days')
        question_hash varchar(64)
        response text
        hit_count integer not null = 1
    """,
    "verifications": """
        identifier text not null
        value text not null
        expires_at timestamptz not null
    """,
}
