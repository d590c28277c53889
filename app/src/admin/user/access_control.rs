use desk::{Denied, Field, UserPage};
use leptos::ev::MouseEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::ServerFn;

use super::api::{GeneratePassphrase, SetLocalPassword};
use crate::admin::words::FormNames;
use crate::ask::ask;
use crate::forms::{Done, Form, FormState, Submit};
use crate::frame::Visit;
use crate::parts::{Notice, NoticeBox, OwnPassword, PasswordField, StrengthMeter};

/// The box **Access Control**: sets an initial local password, or says why not.
#[component]
pub(super) fn AccessControl(page: RwSignal<UserPage>, passphrase: String, done: Callback<Done>) -> impl IntoView {
    let denied = Memo::new(move |_| page.with(|page| page.set_password_denied));
    // Here and not in the form, so that it stays on the page whatever becomes of the form.
    let passphrase = RwSignal::new(passphrase);
    let netid = page.with_untracked(|page| page.user.netid.clone());
    view! {
        <section class="box" aria-labelledby="access-control">
            <h2 id="access-control">"Access Control"</h2>
            {move || match denied.get() {
                Some(denied) => view! { <NoticeBox notice=why_not(denied)/> }.into_any(),
                None => view! { <SetPassword netid=netid.clone() passphrase done/> }.into_any(),
            }}
        </section>
    }
}

fn why_not(denied: Denied) -> Notice {
    let notice = Notice { kind: crate::parts::Kind::Warn, text: denied.to_string(), link: None };
    match denied {
        Denied::Oneself | Denied::OnlyInitial => notice.with_link("/settings/about-me", "About Me"),
        _ => notice,
    }
}

#[component]
fn SetPassword(netid: String, passphrase: RwSignal<String>, done: Callback<Done>) -> impl IntoView {
    let (new, retype) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let at_first = passphrase.get_untracked();
    let typed = RwSignal::new(at_first.clone());
    view! {
        <Form to=SetLocalPassword::PATH name=FormNames::PASSWORD done=done>
            <input type="hidden" name="netid" value=netid.clone()/>
            <OwnPassword/>
            <PasswordField
                name="new" label=format!("New password for {netid}") field=Field::NewPassword autocomplete="new-password" node=new value=at_first.clone() typed=typed
            />
            <StrengthMeter typed subject=netid.clone()/>
            <PasswordField name="retype" label="Retype new password" field=Field::Retype autocomplete="new-password" node=retype value=at_first.clone()/>
            <Passphrase passphrase new retype typed/>
            <div class="actions">
                <Submit label="Save Changes"/>
                <button type="submit" form=GENERATE name="generate" value="1" on:click=move |event| generate(&event, passphrase, typed, new, retype)>
                    "Generate"
                </button>
            </div>
        </Form>
        <form id=GENERATE method="get" action=Visit::get().path() hidden=true></form>
    }
}

/// The form by which **Generate** works without script: the page comes again with a passphrase filled in.
const GENERATE: &str = "generate-passphrase";

/// The passphrase in large type, to be read over the phone.
#[component]
fn Passphrase(passphrase: RwSignal<String>, new: NodeRef<Input>, retype: NodeRef<Input>, typed: RwSignal<String>) -> impl IntoView {
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
            {move || Some(passphrase.get()).filter(|words| !words.is_empty()).map(|words| view! {
                <p class="hint">"Read it out word by word, hyphens between the words. It is shown until you leave this page."</p>
                <p class="passphrase">{words}</p>
            })}
        </div>
    }
}

fn fill(words: &str, new: NodeRef<Input>, retype: NodeRef<Input>) {
    if !words.is_empty() {
        [new, retype].iter().filter_map(|node| node.try_get_untracked().flatten()).for_each(|input| input.set_value(words));
    }
}

fn generate(event: &MouseEvent, passphrase: RwSignal<String>, typed: RwSignal<String>, new: NodeRef<Input>, retype: NodeRef<Input>) {
    event.prevent_default();
    let visit = Visit::get();
    spawn_local(async move {
        match ask::<String>(GeneratePassphrase::PATH, &[]).await {
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
