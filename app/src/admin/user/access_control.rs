//! **Access Control** on a person's page: an initial local password is set for them, or it is said
//! why not. The passphrase that is proposed stays while the page is open, and goes once they have
//! chosen their own. Tests: below, and `end2end/tests/user-page.spec.ts`.

use desk::{Denied, Field, LocalState, UserPage};
use leptos::ev::MouseEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::ServerFn;

use super::api::{GeneratePassphrase, SetLocalPassword};
use crate::admin::words::FormNames;
use crate::client::call;
use crate::components::{Notice, NoticeBox, OwnPassword, PasswordField, StrengthMeter, whose};
use crate::forms::{Done, Form, FormState, Submit};
use crate::layout::PageContext;

/// The box **Access Control**: sets an initial local password, or says why not.
#[component]
pub(super) fn AccessControl(
    page: RwSignal<UserPage>,
    passphrase: String,
    to_say: (String, String),
    done: Callback<Done>,
) -> impl IntoView {
    let denied = Memo::new(move |_| page.with(|page| page.set_password_denied));
    // Here and not in the form, so that it stays on the page whatever becomes of the form.
    let passphrase = RwSignal::new(passphrase);
    let (netid, name) =
        page.with_untracked(|page| (page.user.netid.clone(), page.user.name.clone()));
    let chosen = chosen(page, passphrase);
    let good_news = move || {
        chosen.get().then(|| {
            Notice::good(format!(
                "{} has chosen a local password of their own.",
                if name.is_empty() { &netid } else { &name }
            ))
        })
    };
    let netid = StoredValue::new(page.with_untracked(|page| page.user.netid.clone()));
    view! {
        <section class="box" aria-labelledby="access-control">
            <h2 id="access-control">"Access Control"</h2>
            <div role="status">
                {move || good_news().map(|notice| view! { <NoticeBox notice /> })}
            </div>
            {move || match denied.get() {
                Some(denied) => view! { <NoticeBox notice=why_not(denied) /> }.into_any(),
                None => {
                    let to_say = to_say.clone();
                    view! {
                        <SetPassword netid=netid.get_value() to_say passphrase done />
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

/// Whether they have chosen their own while this page is open: what the one who gave them the
/// initial one waits for. The passphrase is then good for nothing, and goes.
fn chosen(page: RwSignal<UserPage>, passphrase: RwSignal<String>) -> RwSignal<bool> {
    let chosen = RwSignal::new(false);
    let state = Memo::new(move |_| page.with(|page| page.local.state));
    Effect::watch(
        move || state.get(),
        move |now, before, _| {
            let own = *now == LocalState::Own && before == Some(&LocalState::Initial);
            chosen.set(own);
            if own {
                passphrase.set(String::new());
            }
        },
        false,
    );
    chosen
}

fn why_not(denied: Denied) -> Notice {
    let notice = Notice {
        kind: crate::components::NoticeKind::Warn,
        text: denied.to_string(),
        links: Vec::new(),
    };
    match denied {
        Denied::Oneself | Denied::OnlyInitial | Denied::NoOwnLocalPassword => {
            notice.with_link("/settings/about-me", "About Me")
        }
        _ => notice,
    }
}

#[component]
fn SetPassword(
    netid: String,
    to_say: (String, String),
    passphrase: RwSignal<String>,
    done: Callback<Done>,
) -> impl IntoView {
    let (new, retype) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let at_first = passphrase.get_untracked();
    let typed = RwSignal::new(at_first.clone());
    view! {
        <Form to=SetLocalPassword::PATH name=FormNames::PASSWORD done=done>
            <input type="hidden" name="netid" value=netid.clone() />
            <OwnPassword />
            // Good once, and another's: to be kept by nobody's password manager, least of all as
            // one's own.
            {whose("username_of_new", &netid)}
            <PasswordField
                name="new"
                label=format!("New password for {netid}")
                field=Field::NewPassword
                autocomplete=ONCE
                node=new
                value=at_first.clone()
                typed=typed
            />
            <StrengthMeter typed subject=netid.clone() />
            <PasswordField
                name="retype"
                label="Retype new password"
                field=Field::Retype
                autocomplete=ONCE
                node=retype
                value=at_first.clone()
            />
            <Passphrase to_say passphrase new retype typed />
            <div class="actions">
                <Submit label="Save Changes" />
                <button
                    type="submit"
                    form=GENERATE
                    name="generate"
                    value="1"
                    on:click=move |event| generate(&event, passphrase, typed, new, retype)
                >
                    "Generate"
                </button>
            </div>
        </Form>
        <form id=GENERATE method="get" action=PageContext::get().path() hidden=true />
    }
}

/// What a password manager neither fills in nor keeps.
const ONCE: &str = "one-time-code";

/// The form by which **Generate** works without script: the page comes again with a passphrase
/// filled in.
const GENERATE: &str = "generate-passphrase";

/// The passphrase in large type, to be read over the phone.
#[component]
fn Passphrase(
    to_say: (String, String),
    passphrase: RwSignal<String>,
    new: NodeRef<Input>,
    retype: NodeRef<Input>,
    typed: RwSignal<String>,
) -> impl IntoView {
    let form = FormState::get();
    // A refusal empties the password fields; what can be read here goes back into them.
    Effect::watch(
        move || form.refusal.get(),
        move |refusal, _, _| {
            if refusal.is_some() {
                let words = passphrase.get_untracked();
                fill(&words, new, retype);
                typed.set(words);
            }
        },
        false,
    );
    view! {
        <div role="status">
            {move || {
                Some(passphrase.get())
                    .filter(|words| !words.is_empty())
                    .map(|words| {
                        let unsaved = form.key.get_untracked();
                        let (before, after) = to_say.clone();
                        let say = move || {
                            if form.key.with(|key| *key == unsaved) {
                                before.clone()
                            } else {
                                after.clone()
                            }
                        };
                        // A form that was saved has another key.
                        view! {
                            <p class="hint">
                                "Read it out word by word: small letters, hyphens between the \
                                words. It is shown until you leave this page."
                                <span class="unscripted">
                                    " A save that is refused makes a new one: then read that out."
                                </span>
                            </p>
                            <p class="passphrase">{words.clone()}</p>
                            <details class="fold">
                                <summary>"Spell it"</summary>
                                <dl class="facts spelling">{spelt(&words)}</dl>
                            </details>
                            <p class="hint">{say}</p>
                        }
                    })
            }}
        </div>
    }
}

/// The passphrase's words, letter by letter as they are spelt on the telephone (ICAO's alphabet).
fn spelt(passphrase: &str) -> impl IntoView + use<> {
    let line = |word: &str| {
        let letters: Vec<&str> = word.chars().filter_map(letter).collect();
        view! {
            <dt>{word.to_owned()}</dt>
            <dd>{letters.join(" ")}</dd>
        }
    };
    passphrase.split('-').map(line).collect_view()
}

fn letter(c: char) -> Option<&'static str> {
    const ALPHABET: &str = "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo \
        Lima Mike November Oscar Papa Quebec Romeo Sierra \
        Tango Uniform Victor Whiskey X-ray Yankee Zulu";
    ALPHABET.split(' ').find(|word| word.starts_with(c.to_ascii_uppercase()))
}

fn fill(words: &str, new: NodeRef<Input>, retype: NodeRef<Input>) {
    if !words.is_empty() {
        [new, retype]
            .iter()
            .filter_map(|node| node.try_get_untracked().flatten())
            .for_each(|input| input.set_value(words));
    }
}

fn generate(
    event: &MouseEvent,
    passphrase: RwSignal<String>,
    typed: RwSignal<String>,
    new: NodeRef<Input>,
    retype: NodeRef<Input>,
) {
    event.prevent_default();
    let visit = PageContext::get();
    spawn_local(async move {
        match call::<GeneratePassphrase>(&[]).await {
            Ok(words) => {
                fill(&words, new, retype);
                let _ = typed.try_set(words.clone());
                let _ = passphrase.try_set(words);
            }
            Err(fault) if fault.0 == desk::Refusal::SessionEnded => visit.session_ended(),
            Err(fault) => visit.say(Notice::bad(fault.to_string())),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_a_passphrase_can_be_spelt() {
        assert!(('a'..='z').all(|c| letter(c).is_some()));
        assert_eq!(
            "zoo".chars().filter_map(letter).collect::<Vec<_>>(),
            ["Zulu", "Oscar", "Oscar"]
        );
        assert_eq!(letter('-'), None);
    }
}
