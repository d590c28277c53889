//! The account box of a person's page: what administrators change, and what they saw of it before.

use desk::{AccountState, Denied, Field, Refusal, Role, UserPage, UserRow};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use server_fn::ServerFn;
use web_sys::{HtmlInputElement, HtmlSelectElement};

use super::api::{ChangeAccount, OpenAccount, Words};
use super::confirm::Confirm;
use crate::admin::words::FormNames;
use crate::components::{Choice, Notice, NoticeBox, NoticeKind, OwnPassword, SelectField};
use crate::forms::{Done, Form, FormState, Submit};

/// For administrators: **Role**, **Privileged**, **Disabled**.
#[component]
pub(super) fn Account(
    netid: StoredValue<String>,
    page: RwSignal<UserPage>,
    done: Callback<Done>,
) -> impl IntoView {
    let denied = Memo::new(move |_| page.with(|page| page.administer_denied));
    let now = Memo::new(move |_| page.with(|page| state(&page.user)));
    // What the fields are drawn from. They are drawn anew when the account has changed, but for
    // what somebody is choosing in them: that stays, and it is said what changed; what is sent then
    // is a change of what was drawn.
    let drawn = RwSignal::new(now.get_untracked());
    let is_touched = RwSignal::new(false);
    Effect::new(move || {
        let now = now.get();
        if !is_touched.get() && drawn.get_untracked() != now {
            drawn.set(now);
        }
    });
    // What was once chosen by hand no longer follows the attributes that are drawn.
    Effect::watch(move || drawn.get(), |drawn, _, _| choose_when_drawn(*drawn), false);
    let draw_anew = Callback::new(move |what: Done| {
        is_touched.set(false);
        done.run(what);
    });
    move || match denied.get() {
        Some(Denied::RoleTooLow) => None,
        Some(denied) => Some(
            view! {
                <AccountBox>
                    <p class="muted">{denied.to_string()}</p>
                </AccountBox>
            }
            .into_any(),
        ),
        None => {
            let AccountState { role, privileged, disabled } = drawn.get();
            let roles = Role::ALL.map(|role| Choice::new(role.word(), role.title())).to_vec();
            let form = view! {
                <AccountBox>
                    <Form to=ChangeAccount::PATH name=FormNames::ACCOUNT done=draw_anew>
                        {draw_anew_when_stale(draw_anew)}
                        <Meanwhile drawn=drawn now=now />
                        <input type="hidden" name="netid" value=netid.get_value() />
                        <Was name="was_role" value=role.word() />
                        <Was name="was_privileged" value=word(privileged) />
                        <Was name="was_disabled" value=word(disabled) />
                        <div class="form" on:change=move |_| is_touched.set(true)>
                            <SelectField
                                name="role"
                                label="Role"
                                field=Field::Role
                                choices=roles
                                value=role.word()
                            />
                            <TickBox
                                name="privileged"
                                label="Privileged"
                                hint="Is allowed to have a local password and auth tokens."
                                ticked=privileged
                            />
                            <TickBox
                                name="disabled"
                                label="Disabled"
                                hint="Cannot log in; auth tokens stop working."
                                ticked=disabled
                            />
                        </div>
                        <OwnPassword />
                        <div class="actions">
                            <Submit label="Save account" />
                        </div>
                    </Form>
                </AccountBox>
            };
            Some(form.into_any())
        }
    }
}

/// Lets the fields show this, once they are drawn.
fn choose_when_drawn(state: AccountState) {
    request_animation_frame(move || {
        let found = |name: &str| document().get_element_by_id(&format!("account-{name}"));
        if let Some(select) =
            found("role").and_then(|element| element.dyn_into::<HtmlSelectElement>().ok())
        {
            select.set_value(state.role.word());
        }
        for (name, ticked) in [("privileged", state.privileged), ("disabled", state.disabled)] {
            if let Some(input) =
                found(name).and_then(|element| element.dyn_into::<HtmlInputElement>().ok())
            {
                input.set_checked(ticked);
            }
        }
    });
}

fn state(user: &UserRow) -> AccountState {
    AccountState { role: user.role, privileged: user.privileged, disabled: user.disabled }
}

/// Says what somebody else has changed while something was being chosen here.
#[component]
fn Meanwhile(drawn: RwSignal<AccountState>, now: Memo<AccountState>) -> impl IntoView {
    let differences = Memo::new(move |_| drawn.get().differences(&now.get()));
    view! {
        <div role="status">
            {move || {
                let differences = differences.get();
                (!differences.is_empty())
                    .then(|| {
                        let words = format!(
                            "Meanwhile {}. What you have chosen is still here: saving it asks you \
                                to look again.",
                            differences.join(", "),
                        );
                        view! {
                            <NoticeBox notice=Notice {
                                kind: NoticeKind::Warn,
                                ..Notice::good(words)
                            } />
                        }
                    })
            }}
        </div>
    }
}

/// Asks for what is so where the account is no longer what the form was drawn from, be it by this
/// very form: what is sent next has then been seen.
fn draw_anew_when_stale(done: Callback<Done>) {
    let refusal = FormState::get().refusal;
    Effect::new(move || {
        let is_stale = |refusal: &Refusal| {
            matches!(
                refusal,
                Refusal::ChangedMeanwhile
                    | Refusal::AccountChanged { .. }
                    | Refusal::SentAlready { .. }
            )
        };
        if refusal.with(|refusal| refusal.as_ref().is_some_and(is_stale)) {
            done.run(Done::default());
        }
    });
}

/// What the form was first drawn from. After a refusal it stays what it was: what was typed then is
/// a change of that, and not of what somebody else has made of it meanwhile.
#[component]
fn Was(name: &'static str, value: &'static str) -> impl IntoView {
    let value = FormState::get().typed(name).unwrap_or_else(|| value.to_owned());
    view! { <input type="hidden" name=name value=value autocomplete="off" /> }
}

fn word(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

#[component]
fn AccountBox(children: Children) -> impl IntoView {
    view! {
        <section class="box" aria-labelledby="account-title">
            <h2 id="account-title">"Account"</h2>
            {children()}
        </section>
    }
}

#[component]
fn TickBox(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    ticked: bool,
) -> impl IntoView {
    let ticked = FormState::get().typed(name).map_or(ticked, |typed| typed == "true");
    let (id, hint_id) = (format!("account-{name}"), format!("account-{name}-hint"));
    view! {
        <div class="field">
            <label class="choice">
                <input
                    id=id
                    type="checkbox"
                    name=name
                    value="true"
                    checked=ticked
                    autocomplete="off"
                    aria-describedby=hint_id.clone()
                />
                {label}
            </label>
            <p class="hint" id=hint_id>
                {hint}
            </p>
        </div>
    }
}

/// Says that the local password is closed after too many wrong ones, and lets the Help Desk open
/// it, with words for the telephone.
#[component]
pub(super) fn Closed(
    netid: StoredValue<String>,
    page: RwSignal<UserPage>,
    words: RwSignal<Words>,
    done: Callback<Done>,
) -> impl IntoView {
    let may_open = Memo::new(move |_| page.with(|page| page.open_denied.is_none()));
    let closed = Memo::new(move |_| words.with(|words| words.closed.clone()));
    move || {
        let closed = closed.get();
        (!closed.is_empty()).then(|| {
            let open = may_open.get().then(|| {
                let hidden = vec![("netid", netid.get_value())];
                let question = format!(
                    "Open the local password of {}? The one set last works then.",
                    netid.get_value(),
                );
                view! {
                    <Confirm
                        name=FormNames::OPEN
                        to=OpenAccount::PATH
                        opener="Open local password"
                        question=question
                        submit="Open it now"
                        hidden=hidden
                        done=done
                    />
                }
            });
            view! {
                <section class="notice" data-kind="bad" aria-label="Local password closed">
                    <p>{closed}</p>
                    {open}
                </section>
            }
        })
    }
}
