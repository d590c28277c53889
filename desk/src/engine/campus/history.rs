//! What the audit tells of a campus: of what people do daily very much, of what administrators do
//! now and then little, each row after the one before it in one chain.

use uuid::Builder;

use crate::engine::audit::entry::entry;
use crate::engine::campus::draws::Draws;
use crate::engine::campus::people::{ADMINISTRATORS, HELP_DESK};
use crate::engine::campus::plan::Campus;
use crate::engine::origin::Origin;
use crate::store::chain::{Chain, StoredAudit};
use crate::store::change::AuditEntry;
use crate::{Actor, AuditAction, Moment, NetId, Refusal, Source};

/// What is drawn for.
const ROW: u64 = 3;

/// How many days the audit goes back.
const DAYS: i64 = 700;

/// The node whose chain it is: another than that of whoever opens the store.
pub(super) const NODE: &str = "campus";

impl Campus {
    /// The next row of the chain, and the end that it makes.
    pub(super) fn next_row(&self, end: &Chain) -> (Chain, StoredAudit) {
        let n = u64::try_from(end.seq).unwrap_or(0);
        let mut draws = Draws::of(self.seed, ROW, n);
        let entry = self.entry(&mut draws);
        let at = self.moment(n);
        let mut random = [0; 10];
        random.copy_from_slice(&draws.bytes()[..10]);
        let ms = u64::try_from(at.0).unwrap_or(0);
        let uuid = Builder::from_unix_timestamp_millis(ms, &random).into_uuid().to_string();
        end.row(&entry, at, uuid, None)
    }

    /// When the `n`th row was written: each a while after the one before it.
    fn moment(&self, n: u64) -> Moment {
        let (rows, n) = (i128::from(self.audit_rows.max(1)), i128::from(n));
        let span = i128::from(self.now.0 - self.now.plus_days(-DAYS).0);
        let past = i64::try_from(span * n / (rows + 1)).unwrap_or(0);
        Moment(self.now.plus_days(-DAYS).0 + past)
    }

    fn entry(&self, draws: &mut Draws) -> AuditEntry {
        let person = |n: u64| self.called(n).netid;
        let somebody = person(draws.below(u64::from(self.people)));
        let [_, _, second, third, ..] = draws.bytes();
        let address = format!("10.{second}.{third}.9");
        let origin = Origin {
            address: address.parse().unwrap_or(Origin::console().address),
            agent: "Mozilla/5.0 (X11; Linux x86_64)".to_owned(),
        };
        let of = |actor: Actor, action| entry(actor, &somebody, action, &origin);
        let by = |netid: String| NetId::parse(&netid).map_or(Actor::Nobody, Actor::Person);
        let themselves = || by(somebody.clone());
        let kind = draws.below(1000);
        let help_desk = || by(person(ADMINISTRATORS + kind % HELP_DESK));
        match kind {
            0..450 => of(themselves(), AuditAction::LogIn),
            450..500 => {
                of(themselves(), AuditAction::LogIn).refused(Refusal::LoginIncorrect.code())
            }
            500..640 => of(themselves(), AuditAction::TokenCreate).detailed("nightly report"),
            640..700 => of(themselves(), AuditAction::TokenRevoke).detailed("nightly report"),
            700..860 => of(Actor::Source(Source::Ldap), AuditAction::UserCreate),
            860..900 => of(help_desk(), AuditAction::PasswordSet),
            900..930 => of(help_desk(), AuditAction::TokenSee),
            930..999 => of(themselves(), AuditAction::LogOut),
            // Once in a while the Help Desk does what is rare.
            _ if draws.per_mille(100) => of(help_desk(), AuditAction::UserOpen),
            _ => of(by(person(kind % ADMINISTRATORS)), AuditAction::UserRole),
        }
    }
}
