//! **Access Control** on a person's page: an initial local password is set for them, or it is said
//! why not. The passphrase that is proposed stays while the page is open, and goes once they have
//! chosen their own, or somebody else has set another. Tests: below, and
//! `end2end/tests/{user-page,lost,live}.spec.ts`.

use desk::{Field, Refusal};
use leptos::ev::MouseEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::ServerFn;

use super::api::{GeneratePassphrase, SetLocalPassword, Words};
use crate::admin::words::FormNames;
use crate::client::call;
use crate::components::{Notice, NoticeBox, OwnPassword, PasswordField, StrengthMeter, whose};
use crate::forms::{Done, Form, FormState, Submit};
use crate::layout::PageContext;

/// The box **Access Control**: sets an initial local password, or says why not.
#[component]
pub(super) fn AccessControl(
    netid: StoredValue<String>,
    words: RwSignal<Words>,
    passphrase: String,
    is_saved: bool,
    done: Callback<Done>,
) -> impl IntoView {
    let denied = Memo::new(move |_| words.with(|words| words.denied.clone()));
    // Here and not in the form, so that it stays on the page whatever becomes of the form.
    let saved = if is_saved { passphrase.clone() } else { String::new() };
    let passphrase = Passphrase { words: RwSignal::new(passphrase), saved: RwSignal::new(saved) };
    let news = news(words, passphrase);
    view! {
        <section class="box" aria-labelledby="access-control">
            <h2 id="access-control">"Access Control"</h2>
            <div role="status">
                {move || news.get().map(|notice| view! { <NoticeBox notice /> })}
            </div>
            {move || match denied.get() {
                Some(notice) => view! { <NoticeBox notice /> }.into_any(),
                None => {
                    view! { <SetPassword netid=netid.get_value() words passphrase done /> }
                        .into_any()
                }
            }}
        </section>
    }
}

/// The passphrase that is proposed.
#[derive(Clone, Copy)]
struct Passphrase {
    words: RwSignal<String>,
    /// What was answered to be saved, whichever it was.
    saved: RwSignal<String>,
}

impl Passphrase {
    /// Whether these were answered to be saved.
    fn is_saved(self, words: &str) -> bool {
        self.saved.with(|saved| saved == words)
    }
}

/// What is said above the form: a warning, or that the local password has become another while this
/// page is open, be it by who was waited for. One that was saved here is then good for nothing, and
/// goes.
fn news(words: RwSignal<Words>, passphrase: Passphrase) -> RwSignal<Option<Notice>> {
    let news = RwSignal::new(words.with_untracked(|words| words.warning.clone()));
    let over = Memo::new(move |_| words.with(|words| words.over.clone()));
    Effect::watch(
        move || over.get(),
        move |over, _, _| {
            let shown = passphrase.words.get_untracked();
            if over.is_some() && untrack(|| passphrase.is_saved(&shown)) {
                passphrase.words.set(String::new());
            }
            let warning = || words.with_untracked(|words| words.warning.clone());
            news.set(over.clone().or_else(warning));
        },
        false,
    );
    news
}

#[component]
fn SetPassword(
    netid: String,
    words: RwSignal<Words>,
    passphrase: Passphrase,
    done: Callback<Done>,
) -> impl IntoView {
    // One that is saved is read out, and not saved again.
    let at_first = passphrase.words.get_untracked();
    let at_first =
        if untrack(|| passphrase.is_saved(&at_first)) { String::new() } else { at_first };
    let typed = RwSignal::new(at_first.clone());
    let fields = Fields { new: NodeRef::new(), retype: NodeRef::new(), typed };
    let sent = StoredValue::new(Sent::default());
    let done = Callback::new(move |what| {
        let sent = sent.try_update_value(std::mem::take).unwrap_or_default().words;
        if passphrase.words.with_untracked(|words| *words != sent) {
            // Typed over: what is read out is never another than what is saved.
            passphrase.words.set(String::new());
        }
        passphrase.saved.set(sent);
        done.run(what);
    });
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
                node=fields.new
                value=at_first.clone()
                typed=typed
            />
            <StrengthMeter typed subject=netid.clone() />
            <PasswordField
                name="retype"
                label="Retype new password"
                field=Field::Retype
                autocomplete=ONCE
                node=fields.retype
                value=at_first.clone()
            />
            <ReadOut words passphrase fields sent />
            <div class="actions">
                <Submit label="Save Changes" />
                {generate_button(passphrase, fields)}
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

/// Where a passphrase is typed, or filled in.
#[derive(Clone, Copy)]
struct Fields {
    new: NodeRef<Input>,
    retype: NodeRef<Input>,
    /// What stands in the first, for the strength meter.
    typed: RwSignal<String>,
}

impl Fields {
    fn fill(self, words: &str) {
        [self.new, self.retype]
            .iter()
            .filter_map(|node| node.try_get_untracked().flatten())
            .for_each(|input| input.set_value(words));
        let _ = self.typed.try_set(words.to_owned());
    }
}

/// What was sent since an answer came last.
#[derive(Clone, Default)]
struct Sent {
    /// What was sent last.
    words: String,
    /// Others before: it is not known of which of them an answer tells.
    mixed: bool,
}

/// The passphrase in large type, to be read over the phone.
#[component]
fn ReadOut(
    words: RwSignal<Words>,
    passphrase: Passphrase,
    fields: Fields,
    sent: StoredValue<Sent>,
) -> impl IntoView {
    let form = FormState::get();
    Effect::watch(
        move || (form.busy.get(), form.refusal.get()),
        move |(busy, refusal), _, _| {
            if *busy {
                let now = fields.new.get_untracked().map_or_else(String::new, |new| new.value());
                sent.update_value(|sent| {
                    sent.mixed |= !sent.words.is_empty() && sent.words != now;
                    sent.words = now;
                });
                return;
            }
            let Some(refusal) = refusal else { return };
            let sent = sent.try_update_value(std::mem::take).unwrap_or_default();
            let words = passphrase.words.get_untracked();
            if words.is_empty() || words != sent.words {
                return;
            }
            if !sent.mixed && matches!(refusal, Refusal::SentAlready { good: true, .. }) {
                // Saved the first time, and its answer was lost.
                passphrase.saved.set(words);
            } else {
                // A refusal empties the password fields; what can be read here goes back into them.
                fields.fill(&words);
            }
        },
        false,
    );
    view! {
        <div role="status">
            {move || {
                Some(passphrase.words.get())
                    .filter(|words| !words.is_empty())
                    .map(|proposed| {
                        let shown = proposed.clone();
                        // Not before it is answered: a form that was sent twice may have been saved
                        // with other words.
                        let is_proposed = !untrack(|| passphrase.is_saved(&proposed));
                        let say = move || {
                            let saved = passphrase.is_saved(&proposed);
                            words
                                .with(|words| {
                                    if saved { words.saved.clone() } else { words.unsaved.clone() }
                                })
                        };
                        view! {
                            <p class="hint">
                                "Read it out word by word: small letters, hyphens between the \
                                words. It is shown until you leave this page."
                                {is_proposed
                                    .then(|| {
                                        view! {
                                            <span class="unscripted">
                                                " A save that is refused makes a new one: then \
                                                read that out. Once saved it is shown once more."
                                            </span>
                                        }
                                    })}
                            </p>
                            <p class="passphrase">{shown.clone()}</p>
                            <details class="fold">
                                <summary>"Spell it"</summary>
                                <dl class="facts spelling">{spelt(&shown)}</dl>
                            </details>
                            <p class="hint">{say}</p>
                        }
                    })
            }}
        </div>
    }
}

/// The button that proposes a passphrase.
fn generate_button(passphrase: Passphrase, fields: Fields) -> impl IntoView {
    let form = FormState::get();
    view! {
        <button
            type="submit"
            form=GENERATE
            name="generate"
            value="1"
            on:click=move |event| generate(&event, form, passphrase, fields)
        >
            "Generate"
        </button>
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

fn generate(event: &MouseEvent, form: FormState, passphrase: Passphrase, fields: Fields) {
    event.prevent_default();
    let context = PageContext::get();
    spawn_local(async move {
        match call::<GeneratePassphrase>(&[]).await {
            // Another one is being saved, and its answer comes for that: it stays.
            Ok(_) if form.busy.try_get_untracked() != Some(false) => {}
            Ok(words) => {
                // Of what was sent before, the answer may be lost; these words were not in it.
                form.begin_anew();
                // What was wrong with other words is not wrong with these.
                if untrack(|| !form.is_wrong(Some(Field::OwnPassword))) {
                    let _ = form.refusal.try_set(None);
                }
                fields.fill(&words);
                let _ = passphrase.words.try_set(words);
            }
            Err(error) if error.0 == Refusal::SessionEnded => context.session_ended(),
            Err(error) => context.say(Notice::bad(error.to_string())),
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
