//! What every page knows, as the desk says it. Tests: `end2end/tests/layout.spec.ts`.

use desk::{Refusal, Standing};

use super::RequestContext;
use super::standing::in_the_way;
use crate::layout::LayoutData;

/// What every page knows, but for what became of forms.
pub(crate) async fn layout_data(context: &RequestContext) -> LayoutData {
    // Before anything is read: what changes while it is read is then news (`GET /live?since=`).
    let now = context.desk.now();
    let (me, standing, trouble) = match context.visitor().await {
        // A page that cannot say how it stands is a page all the same: the desk says it where it
        // matters.
        Ok(visitor) => {
            (Some(visitor.me()), context.desk.standing(&visitor).await.unwrap_or_default(), None)
        }
        Err(Refusal::SessionEnded) => (None, Standing::default(), None),
        Err(refusal) => (None, Standing::default(), Some(refusal)),
    };
    let settings = &context.settings;
    let contact = settings.help_desk_contact.trim();
    let in_the_way = me.as_ref().and_then(|me| in_the_way(me, standing, contact, now));
    LayoutData {
        me,
        trouble,
        now,
        in_the_way,
        ask: standing.ask,
        token_cap_days: settings.token_cap_days,
        base: context.base().to_owned(),
        outcomes: Vec::new(),
    }
}
