//! Who may come in: one-time invitations for customers' contacts, their Telegram accounts, API tokens. Codes and tokens are stored
//! as SHA-256 only: whoever reads the database can use none of them.

use chrono::TimeDelta;
use rand::RngCore;
use uuid::Uuid;

use super::{Result, Tx, ensure_rows, sql, unreadable};
use crate::clock::Moment;
use crate::domain::audit::sha256_hex;
use crate::domain::ids::{ContactId, CustomerId, StaffId};
use crate::domain::lang::Lang;
use crate::domain::person::Role;

/// How long an invitation is good for, unless somebody says otherwise.
pub const INVITE_VALID: TimeDelta = TimeDelta::days(7);

/// How many invitations that do not exist an account may try before it must wait.
pub const INVITE_MISSES: i64 = 5;
/// How long it must wait, since its last try that counted.
pub const INVITE_PAUSE: TimeDelta = TimeDelta::hours(1);

/// What an invitation led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InviteUse {
    /// It was good; it is used up now. A second tap by the same account is the same success.
    Welcome(ContactId),
    /// Somebody else has used it.
    Used,
    /// Too late, or a newer one was made.
    Expired,
    /// There is no such code, or its contact has left.
    Unknown,
}

/// A Telegram account that the bot has met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Telegram's user id; also the id of the private chat.
    pub telegram: i64,
    /// The contact it is bound to.
    pub contact: Option<ContactId>,
    /// The language chosen in the bot.
    pub language: Option<Lang>,
    /// The name Telegram shows.
    pub name: String,
    /// Since when the person blocks the bot.
    pub blocked_at: Option<Moment>,
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its row.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The staff member who acts with it, and whose present role counts.
    pub staff: Option<StaffId>,
    /// The customer it is limited to.
    pub customer: Option<CustomerId>,
    /// When it was made.
    pub created_at: Moment,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct InviteRow {
    contact_id: String,
    expires_at: Moment,
    used_by: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    telegram_id: i64,
    contact_id: Option<String>,
    language: Option<String>,
    name: String,
    blocked_at: Option<Moment>,
}

impl AccountRow {
    fn read(self) -> Result<Account> {
        let language = self.language.map(|l| l.parse()).transpose();
        Ok(Account {
            telegram: self.telegram_id,
            contact: self.contact_id.map(ContactId),
            language: language.map_err(|e: String| unreadable("account", self.telegram_id, e))?,
            name: self.name,
            blocked_at: self.blocked_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: Uuid,
    name: String,
    role: String,
    staff_id: Option<String>,
    customer_id: Option<String>,
    created_at: Moment,
    revoked_at: Option<Moment>,
}

impl TokenRow {
    fn read(self) -> Result<ApiToken> {
        let role = self.role.parse().map_err(|e: String| unreadable("api_token", self.id, e))?;
        let (staff, customer) = (self.staff_id.map(StaffId), self.customer_id.map(CustomerId));
        let Self { id, name, created_at, revoked_at, .. } = self;
        Ok(ApiToken { id, name, role, staff, customer, created_at, revoked_at })
    }
}

/// `bytes` random bytes, as hexadecimal digits: what Telegram's deep links and HTTP headers carry without escaping.
pub(super) fn secret<const BYTES: usize>() -> String {
    let mut random = [0u8; BYTES];
    rand::rng().fill_bytes(&mut random);
    hex::encode(random)
}

pub(super) fn hash(secret: &str) -> String {
    sha256_hex(secret.as_bytes())
}

impl Tx {
    /// Makes an invitation for `contact` and returns its code (128 random bits, 32 hexadecimal digits), which is stored nowhere.
    /// Older invitations for the same contact end now.
    pub async fn invite_create(
        &mut self,
        contact: &ContactId,
        now: Moment,
        valid: TimeDelta,
    ) -> Result<String> {
        sql!(
            self,
            execute,
            "UPDATE invite SET expires_at = $2 WHERE contact_id = $1 AND used_at IS NULL AND expires_at > $2",
            contact.as_str(),
            now
        )?;
        let code = secret::<16>();
        sql!(
            self,
            execute,
            "INSERT INTO invite (code_hash, contact_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            hash(&code),
            contact.as_str(),
            now,
            now + valid
        )?;
        Ok(code)
    }

    /// Uses an invitation up for the account `telegram`. Of two accounts that try at once, one gets it.
    pub async fn invite_use(&mut self, code: &str, telegram: i64, now: Moment) -> Result<InviteUse> {
        let used = sql!(
            self,
            fetch_optional scalar String,
            "UPDATE invite SET used_at = $2, used_by = $3
             WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2
               AND contact_id IN (SELECT id FROM contact WHERE retired_at IS NULL)
             RETURNING contact_id",
            hash(code),
            now,
            telegram
        )?;
        if let Some(contact) = used {
            return Ok(InviteUse::Welcome(ContactId(contact)));
        }
        let row = sql!(
            self,
            fetch_optional as InviteRow,
            "SELECT contact_id, expires_at, used_by FROM invite
             WHERE code_hash = $1 AND contact_id IN (SELECT id FROM contact WHERE retired_at IS NULL)",
            hash(code)
        )?;
        Ok(match row {
            Some(row) if row.used_by == Some(telegram) => InviteUse::Welcome(ContactId(row.contact_id)),
            Some(row) if row.used_by.is_some() => InviteUse::Used,
            Some(row) if row.expires_at <= now => InviteUse::Expired,
            _ => InviteUse::Unknown,
        })
    }

    /// What is known of a Telegram account.
    pub async fn account_fetch(&mut self, telegram: i64) -> Result<Option<Account>> {
        sql!(
            self,
            fetch_optional as AccountRow,
            "SELECT telegram_id, contact_id, language, name, blocked_at FROM account WHERE telegram_id = $1",
            telegram
        )?
        .map(AccountRow::read)
        .transpose()
    }

    /// Remembers that an account was seen under `name`; binding and language stay as they are.
    pub async fn account_seen(&mut self, telegram: i64, name: &str, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO account (telegram_id, name, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (telegram_id) DO UPDATE SET name = excluded.name, blocked_at = NULL",
            telegram,
            name,
            now
        )?;
        self.ahead.persons.remove(&telegram);
        Ok(())
    }

    /// Binds an account to a contact, as whom the person speaks from now on. He stays bound to others; several accounts may be the same
    /// contact's.
    pub async fn account_bind(
        &mut self,
        telegram: i64,
        contact: &ContactId,
        name: &str,
        now: Moment,
    ) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO account (telegram_id, contact_id, name, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (telegram_id) DO UPDATE SET contact_id = excluded.contact_id, name = excluded.name,
                blocked_at = NULL",
            telegram,
            contact.as_str(),
            name,
            now
        )?;
        sql!(
            self,
            execute,
            "INSERT INTO binding (telegram_id, contact_id, bound_at) VALUES ($1, $2, $3)
             ON CONFLICT (telegram_id, contact_id) DO NOTHING",
            telegram,
            contact.as_str(),
            now
        )?;
        self.ahead.persons.remove(&telegram);
        Ok(())
    }

    /// As which of his contacts a person speaks from now on; `false` if he is not bound to this one.
    pub async fn account_speak(&mut self, telegram: i64, contact: &ContactId) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE account SET contact_id = $2 WHERE telegram_id = $1
             AND EXISTS (SELECT 1 FROM binding WHERE telegram_id = $1 AND contact_id = $2)",
            telegram,
            contact.as_str()
        )?;
        self.ahead.persons.remove(&telegram);
        Ok(rows == 1)
    }

    /// Notes that an account tried an invitation that does not exist; after [`INVITE_MISSES`] of them it must wait.
    pub async fn invite_missed(&mut self, telegram: i64, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE account SET missed_at = $2,
                misses = CASE WHEN missed_at IS NOT NULL AND missed_at > $3 THEN misses + 1 ELSE 1 END
             WHERE telegram_id = $1",
            telegram,
            now,
            now - INVITE_PAUSE
        )?;
        Ok(())
    }

    /// Whether an account has guessed so often that its invitations are not looked at for a while.
    pub async fn invite_paused(&mut self, telegram: i64, now: Moment) -> Result<bool> {
        let n = sql!(
            self,
            fetch_one scalar i64,
            "SELECT COUNT(*) FROM account WHERE telegram_id = $1 AND misses >= $2 AND missed_at > $3",
            telegram,
            INVITE_MISSES,
            now - INVITE_PAUSE
        )?;
        Ok(n > 0)
    }

    /// Makes a token and returns it (256 random bits behind `komek_`); only its hash is stored.
    pub async fn token_create(&mut self, id: Uuid, name: &str, role: Role, now: Moment) -> Result<String> {
        let token = format!("komek_{}", secret::<32>());
        sql!(
            self,
            execute,
            "INSERT INTO api_token (id, name, role, token_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
            id,
            name,
            role.as_str(),
            hash(&token),
            now
        )?;
        Ok(token)
    }

    /// The token that a caller shows, unless it was revoked. The look-up is by hash, so its time tells nothing about the secret.
    pub async fn token_fetch(&mut self, token: &str) -> Result<Option<ApiToken>> {
        sql!(
            self,
            fetch_optional as TokenRow,
            "SELECT id, name, role, staff_id, customer_id, created_at, revoked_at FROM api_token WHERE token_hash = $1 AND revoked_at IS NULL",
            hash(token)
        )?
        .map(TokenRow::read)
        .transpose()
    }

    /// Every token there ever was, oldest first.
    pub async fn token_list(&mut self) -> Result<Vec<ApiToken>> {
        sql!(
            self,
            fetch_all as TokenRow,
            "SELECT id, name, role, staff_id, customer_id, created_at, revoked_at FROM api_token ORDER BY created_at, id"
        )?
        .into_iter()
        .map(TokenRow::read)
        .collect()
    }

    /// Says whose token it is, and to which customer it is limited.
    pub async fn token_narrow(
        &mut self,
        token: &str,
        staff: Option<&StaffId>,
        customer: Option<&CustomerId>,
    ) -> Result<()> {
        let rows = sql!(
            self,
            execute,
            "UPDATE api_token SET staff_id = $2, customer_id = $3 WHERE token_hash = $1",
            hash(token),
            staff.map(StaffId::as_str),
            customer.map(CustomerId::as_str)
        )?;
        ensure_rows(rows, 1, "api_token", "just made")
    }

    /// Ends a token for good.
    pub async fn token_revoke(&mut self, id: Uuid, now: Moment) -> Result<()> {
        let rows = sql!(
            self,
            execute,
            "UPDATE api_token SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1",
            id,
            now
        )?;
        ensure_rows(rows, 1, "api_token", id)
    }
}
