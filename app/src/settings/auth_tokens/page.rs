//! **Auth Tokens**: the list, and what is done with all of it. Tests:
//! `end2end/tests/auth-tokens.spec.ts`, `token-care.spec.ts`.

use desk::{Action, IDLE_DAYS, TokenView};
use leptos::prelude::*;

use super::api::{CREATE, REVOKE_ALL, REVOKE_IDLE, Tokens, edit_form, renew_form, revoke_form};
use super::card::Card;
use super::create::CreateDialog;
use super::list::{Ask, List, Making, Order, folded};
use super::revoke::Question;
use crate::components::NoticeBox;
use crate::forms::Opener;
use crate::layout::PageContext;
use crate::pages::Page;
use crate::settings::Tabs;

/// From so many tokens on there is something to look for them with.
const MANY: usize = 6;

/// **Auth Tokens**: the list, read anew where tokens change while it is open.
#[component]
pub(crate) fn AuthTokensPage(
    /// The tokens, newest first.
    tokens: Tokens,
) -> impl IntoView {
    let context = PageContext::get();
    let ids: Vec<String> = tokens.all.iter().map(|token| token.id.to_string()).collect();
    let list = List::new(tokens);
    provide_context(list);
    open_requested(context, list, &ids);
    Effect::watch(move || context.tokens_changed.get(), move |_, _, _| list.reload(), false);

    // While the local password is closed, what asks for it could only fail: what is in the way is
    // said in its place.
    let is_allowed = Memo::new(move |_| {
        context.denied(Action::ManageOwnTokens).is_none()
            && (context.closed().is_none() || context.is_confirmed())
    });
    let live = list.ids(true);
    let over = list.ids(false);
    let works = list.count(TokenView::is_live);
    let idle = list.count(TokenView::is_idle);
    let allowed = move || is_allowed.get();
    // Once something is looked for it stays, or nobody could see why the others are not there.
    let many = move || works.get() >= MANY || list.is_sifted();
    let none = move || {
        if list.is_empty() { "No auth tokens yet." } else { "No working auth tokens." }
    };
    view! {
        <Tabs current=Tokens::PATH />
        <header class="page">
            <h1>"Auth Tokens"</h1>
            <p class="lede">
                "One for each application that logs in as you. Any of them can be revoked without \
                    disturbing the rest."
            </p>
            <Show when=allowed>{actions(list, works)}</Show>
        </header>
        {move || context.in_the_way.get().map(|notice| view! { <NoticeBox notice /> })}
        <Show when=move || idle.get() != 0 && allowed()>{unused(list, idle)}</Show>
        <Show when=move || works.get() == 0>
            <p class="empty">{none}</p>
        </Show>
        <Show when=move || !list.is_empty()>
            <h2 class="visually-hidden">"Your tokens"</h2>
        </Show>
        <Show when=many>
            <Finder />
        </Show>
        <ul class="cards">
            <For each=move || live.get() key=String::clone let:id>
                <Card id may_change=Signal::derive(allowed) />
            </For>
        </ul>
        <Show when=move || works.get() != 0 && live.with(Vec::is_empty)>
            <p class="empty" role="status">
                "No token matches."
            </p>
        </Show>
        <Show when=move || !over.with(Vec::is_empty)>
            <details class="fold">
                <summary>
                    {move || format!("Expired and revoked ({})", over.with(Vec::len))}
                </summary>
                <ul class="cards">
                    <For each=move || over.get() key=String::clone let:id>
                        <Card id may_change=Signal::stored(false) />
                    </For>
                </ul>
            </details>
        </Show>
        {move || {
            list.making.get().filter(|_| allowed()).map(|making| view! { <CreateDialog making /> })
        }}
        {move || list.asking.get().filter(|_| allowed()).map(|ask| view! { <Question ask /> })}
    }
    .into_any()
}

/// What is done with the list as a whole.
fn actions(list: List, works: Memo<usize>) -> impl IntoView {
    view! {
        <div class="actions">
            <Opener
                name="create"
                label="Create token"
                class="primary"
                opened=Callback::new(move |()| list.making.set(Some(Making::New)))
            />
            <Show when=move || works.get() != 0>
                <Opener
                    name=REVOKE_ALL
                    label="Revoke all"
                    opened=Callback::new(move |()| list.asking.set(Some(Ask::RevokeAll)))
                />
            </Show>
        </div>
    }
    .into_any()
}

/// That nobody uses some of them any more.
fn unused(list: List, idle: Memo<usize>) -> impl IntoView {
    let words = move || match idle.get() {
        1 => format!("1 token has not been used for {IDLE_DAYS} days."),
        many => format!("{many} tokens have not been used for {IDLE_DAYS} days."),
    };
    view! {
        <div class="notice bar" data-kind="warn">
            <p>{words}</p>
            <Opener
                name=REVOKE_IDLE
                label="Revoke unused"
                opened=Callback::new(move |()| list.asking.set(Some(Ask::RevokeIdle)))
            />
        </div>
    }
    .into_any()
}

/// What one looks for among many tokens, and their order.
#[component]
fn Finder() -> impl IntoView {
    let list = List::get();
    let orders = [
        ("newest", "Newest first"),
        ("used", "Last used"),
        ("expires", "Next to expire"),
        ("name", "Description"),
    ];
    let ordered = move |event| {
        list.order.set(match event_target_value(&event).as_str() {
            "used" => Order::Used,
            "expires" => Order::Expires,
            "name" => Order::Name,
            _ => Order::Newest,
        });
    };
    view! {
        <div class="filters scripted" role="search" aria-label="Tokens">
            <div class="field">
                <label for="token-filter">"Find a token"</label>
                <input
                    id="token-filter"
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    on:input=move |event| {
                        list.filter.set(folded(event_target_value(&event).trim()));
                    }
                />
            </div>
            <div class="field">
                <label for="token-order">"Order"</label>
                <select id="token-order" autocomplete="off" on:change=ordered>
                    {orders
                        .map(|(value, words)| view! { <option value=value>{words}</option> })
                        .collect_view()}
                </select>
            </div>
        </div>
    }
    .into_any()
}

/// Opens what the address names (without script that is how a form opens), of tokens that work, and
/// what was refused a moment ago, of any: what is typed is the person's.
fn open_requested(context: PageContext, list: List, ids: &[String]) {
    let requested = |form: &str| context.query(form).is_some() || context.has_outcome(form);
    let named = |key: &str, form: fn(&str) -> String| {
        let now = context.now.get_untracked();
        let requested = context.query(key).filter(|id| {
            list.token(id).is_some_and(|token| token.with_untracked(|token| token.is_live(now)))
        });
        ids.iter()
            .find(|id| requested.as_ref() == Some(*id) || context.has_outcome(&form(id)))
            .cloned()
    };
    list.editing.set(named("edit", edit_form));
    if list.reveal.with_untracked(Option::is_none) {
        let new = (context.query("create").is_some() || context.has_outcome(CREATE))
            .then_some(Making::New);
        list.making.set(new.or_else(|| named("renew", renew_form).map(Making::Renewal)));
    }
    let revoke = named("revoke", revoke_form).map(Ask::Revoke);
    let revoke = revoke.or_else(|| requested(REVOKE_IDLE).then_some(Ask::RevokeIdle));
    list.asking.set(revoke.or_else(|| requested(REVOKE_ALL).then_some(Ask::RevokeAll)));
}

impl Page for Tokens {
    const TITLE: &'static str = "Auth Tokens";
    const PATH: &'static str = "/settings/auth-tokens";
    const TAB: &'static str = Self::TITLE;

    fn shows_once(&self) -> bool {
        self.reveal.is_some()
    }

    fn draw(self) -> AnyView {
        view! { <AuthTokensPage tokens=self /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for Tokens {
    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::auth_tokens::{first_view, named_card};
        use crate::server::pages::Loaded;
        Ok(match named_card(context) {
            Some(card) => Loaded::Elsewhere(card),
            None => Loaded::Page(first_view(context).await?),
        })
    }
}
