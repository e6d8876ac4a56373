"""People, OAuth clients, and what the authorization server remembers."""

from alembic import op

from gateway.migrations.rls import EVERYTHING, SYSTEM, protect

revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None

_OWN_PARTNER = f"{EVERYTHING} OR partner_id = (SELECT caller_partner())"
_SYSTEM_TABLES = (
    "sign_in_addresses", "sign_in_sessions", "signing_keys", "consents", "refresh_families", "refresh_tokens",
    "authorization_codes", "assertion_ids", "revocations", "issued_tokens",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE users (
            id uuid PRIMARY KEY,
            username text NOT NULL CONSTRAINT uq_users_username UNIQUE,
            password_hash text NOT NULL,
            channel text NOT NULL CHECK (channel IN ('internet', 'extranet', 'intranet')),
            role text NOT NULL,
            partner_id uuid REFERENCES partners (id),
            customer_id uuid,
            status text NOT NULL CHECK (status IN ('active', 'disabled')),
            display_name text NOT NULL,
            locale text NOT NULL,
            failed_sign_ins integer NOT NULL,
            locked_until timestamptz,
            credentials_changed_at timestamptz,
            signed_in_at timestamptz,
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_users_partner CHECK ((partner_id IS NOT NULL) = (channel = 'extranet')),
            CONSTRAINT ck_users_customer CHECK ((customer_id IS NOT NULL) = (channel = 'internet'))
        );
        CREATE INDEX ix_users_partner_id ON users (partner_id);
        CREATE INDEX ix_users_customer_id ON users (customer_id);

        CREATE TABLE sign_in_addresses (
            address text PRIMARY KEY,
            failures integer NOT NULL,
            locked_until timestamptz,
            updated_at timestamptz NOT NULL
        );
        CREATE INDEX ix_sign_in_addresses_updated_at ON sign_in_addresses (updated_at);

        CREATE TABLE sign_in_sessions (
            id uuid PRIMARY KEY,
            mark text NOT NULL CONSTRAINT uq_sign_in_sessions_mark UNIQUE,
            user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            address text NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL
        );
        CREATE INDEX ix_sign_in_sessions_user_id ON sign_in_sessions (user_id);
        CREATE INDEX ix_sign_in_sessions_expires_at ON sign_in_sessions (expires_at);

        CREATE TABLE oauth_clients (
            id uuid PRIMARY KEY,
            client_id text NOT NULL CONSTRAINT uq_oauth_clients_client_id UNIQUE,
            name text NOT NULL,
            channel text NOT NULL CHECK (channel IN ('internet', 'extranet', 'intranet')),
            partner_id uuid REFERENCES partners (id),
            auth_method text NOT NULL CHECK (auth_method IN ('none', 'client_secret_basic', 'private_key_jwt')),
            grants text[] NOT NULL,
            redirect_uris text[] NOT NULL,
            scopes text[] NOT NULL,
            jwks jsonb,
            secret_mark text,
            old_secret_mark text,
            old_secret_expires_at timestamptz,
            quota_requests integer CHECK (quota_requests > 0),
            quota_seconds integer CHECK (quota_seconds > 0),
            is_trusted boolean NOT NULL,
            status text NOT NULL CHECK (status IN ('active', 'disabled')),
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_oauth_clients_partner CHECK ((partner_id IS NOT NULL) = (channel = 'extranet'))
        );
        CREATE INDEX ix_oauth_clients_partner_id ON oauth_clients (partner_id);

        CREATE TABLE signing_keys (
            kid text PRIMARY KEY,
            state text NOT NULL CHECK (state IN ('next', 'active', 'retired')),
            sealed text NOT NULL,
            public jsonb NOT NULL,
            published_at timestamptz NOT NULL,
            activated_at timestamptz,
            retired_at timestamptz
        );
        CREATE UNIQUE INDEX uq_signing_keys_state ON signing_keys (state) WHERE state IN ('next', 'active');

        CREATE TABLE consents (
            user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            client_id text NOT NULL REFERENCES oauth_clients (client_id) ON DELETE CASCADE,
            scopes text[] NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (user_id, client_id)
        );

        CREATE TABLE refresh_families (
            id uuid PRIMARY KEY,
            client_id text NOT NULL REFERENCES oauth_clients (client_id) ON DELETE CASCADE,
            user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            scope text NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz
        );
        CREATE INDEX ix_refresh_families_expires_at ON refresh_families (expires_at);
        CREATE INDEX ix_refresh_families_user_id ON refresh_families (user_id, client_id);

        CREATE TABLE refresh_tokens (
            id uuid PRIMARY KEY,
            family_id uuid NOT NULL REFERENCES refresh_families (id) ON DELETE CASCADE,
            mark text NOT NULL CONSTRAINT uq_refresh_tokens_mark UNIQUE,
            created_at timestamptz NOT NULL,
            used_at timestamptz,
            successor_id uuid,
            successor_sealed text
        );
        CREATE INDEX ix_refresh_tokens_family_id ON refresh_tokens (family_id);
        CREATE INDEX ix_refresh_tokens_sealed ON refresh_tokens (used_at) WHERE successor_sealed IS NOT NULL;

        CREATE TABLE authorization_codes (
            mark text PRIMARY KEY,
            client_id text NOT NULL REFERENCES oauth_clients (client_id) ON DELETE CASCADE,
            user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            redirect_uri text NOT NULL,
            scope text NOT NULL,
            code_challenge text NOT NULL,
            family_id uuid NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz
        );
        CREATE INDEX ix_authorization_codes_expires_at ON authorization_codes (expires_at);

        CREATE TABLE assertion_ids (
            client_id text NOT NULL,
            mark text NOT NULL,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (client_id, mark)
        );
        CREATE INDEX ix_assertion_ids_expires_at ON assertion_ids (expires_at);

        CREATE TABLE revocations (
            subject text PRIMARY KEY,
            reason text NOT NULL,
            revoked_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL
        );
        CREATE INDEX ix_revocations_expires_at ON revocations (expires_at);

        CREATE TABLE issued_tokens (
            id uuid PRIMARY KEY,
            client_id text NOT NULL,
            user_id uuid,
            family_id uuid,
            grant_type text NOT NULL,
            scope text NOT NULL,
            address text NOT NULL,
            issued_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL
        );
        CREATE INDEX ix_issued_tokens_expires_at ON issued_tokens (expires_at);
        """
    )
    protect("users", _OWN_PARTNER)
    protect("oauth_clients", _OWN_PARTNER)
    for table in _SYSTEM_TABLES:
        protect(table, SYSTEM)


def downgrade() -> None:
    """Remove the tables."""
    op.execute(f"DROP TABLE {', '.join(_SYSTEM_TABLES)}, oauth_clients, users")
