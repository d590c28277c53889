//! `/styleguide`, in demo mode: every part that pages are made of, in each of its states. The
//! server's alone: it has no script, and no other page loads a byte for it.

use desk::{
    Access, Denied, Field, Helper, LocalPassword, LocalState, Me, Moment, Refusal, Role, TokenId,
    TokenView, UseDays, Used,
};
use leptos::html;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::components::strength::meter;
use crate::components::{
    Choice, CopyField, Dialog, Notice, NoticeBox, NoticeKind, PasswordField, SelectField,
    ShowPasswords, TextField, TokenFacts,
};
use crate::flash::Outcome;
use crate::forms::{Cancel, Form, Submit};
use crate::layout::bar::Menu;
use crate::layout::{LayoutData, PageContext};
use crate::pages::{self, Page, PageSet};

/// It is drawn from what stands here: nothing is asked of the desk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StyleguidePage;

impl PageSet for StyleguidePage {
    const TABS: crate::page::Tabs = &[];
    const SET: Option<pages::Set> = None;
}

impl Page for StyleguidePage {
    const TITLE: &'static str = "Style guide";

    fn draw(self) -> AnyView {
        // A visit of its own: somebody who does not exist, at a time that stands.
        let wrong = Outcome {
            form: "wrong".to_owned(),
            refusal: Some(Refusal::DescriptionBlank),
            ..Outcome::default()
        };
        let layout =
            LayoutData { me: Some(me()), now: NOW, outcomes: vec![wrong], ..LayoutData::default() };
        PageContext::begin("/styleguide".to_owned(), String::new(), layout, &[]);
        view! {
            <header class="page">
                <h1>"Style guide"</h1>
                <p class="lede">"Every part that pages are made of."</p>
            </header>
            <Words />
            <Buttons />
            <Fields />
            <Messages />
            <Lists />
            <Secrets />
            <Over />
        }
        .into_any()
    }
}

const NOW: Moment = Moment(1_795_511_101_234);

fn me() -> Me {
    Me {
        netid: "someone".to_owned(),
        name: "Someone".to_owned(),
        email: String::new(),
        role: Role::Staff,
        privileged: true,
        source: desk::Source::BuiltIn,
        local: LocalPassword { state: LocalState::Own, ..LocalPassword::default() },
        confirmed_until: None,
        may_set_first_password: false,
        first_password_when_fresh: false,
        by_provider: false,
    }
}

fn section(title: &'static str, parts: AnyView) -> AnyView {
    view! {
        <section class="box guide">
            <h2>{title}</h2>
            {parts}
        </section>
    }
    .into_any()
}

#[component]
fn Words() -> impl IntoView {
    section(
        "Words",
        view! {
            <h3>"A third heading"</h3>
            <p>
                "Text with "<a href="/styleguide">"a link"</a>", "<strong>"what matters"</strong>
                ", "<code>"code"</code>" and "<span class="muted">"what matters less"</span>"."
            </p>
            <pre>"lines to paste"</pre>
            <p>
                <span class="badge">"Read only"</span>
                " "
                <span class="badge" data-kind="info">
                    "New"
                </span>
                " "
                <span class="badge" data-kind="good">
                    "Set"
                </span>
                " "
                <span class="badge" data-kind="warn">
                    "Initial"
                </span>
                " "
                <span class="badge" data-kind="bad">
                    "Disabled"
                </span>
            </p>
            <p class="empty">"Nothing here yet."</p>
        }
        .into_any(),
    )
}

#[component]
fn Buttons() -> impl IntoView {
    section(
        "Buttons",
        view! {
            <div class="actions">
                <button type="button" class="primary">
                    "Primary"
                </button>
                <button type="button">"Neutral"</button>
                <button type="button" class="danger">
                    "Danger"
                </button>
                <button type="button" class="danger primary">
                    "Danger, final"
                </button>
                <button type="button" class="plain">
                    "Plain"
                </button>
                <a class="button" href="/styleguide">
                    "A link"
                </a>
                <button type="button" class="primary" aria-busy="true" aria-disabled="true">
                    "Busy"
                </button>
            </div>
        }
        .into_any(),
    )
}

#[component]
fn Fields() -> impl IntoView {
    let choices = vec![Choice::new("a", "Full"), Choice::new("b", "Read only")];
    let scores = ["Very weak", "Weak", "Fair", "Good", "Strong"].into_iter().zip(0_u8..);
    section(
        "Fields",
        view! {
            <Form to="/styleguide" name="right">
                <TextField name="text" label="Text" hint="What to type." />
                <TextField name="date" label="Date" kind="date" />
                <SelectField name="select" label="One of several" choices=choices />
                <PasswordField name="password" label="Password" />
                <ShowPasswords />
                {scores
                    .map(|(words, score)| meter(
                        Signal::stored(score),
                        Signal::stored(words.to_owned()),
                    ))
                    .collect_view()}
            </Form>
            <Form to="/styleguide" name="wrong">
                <TextField
                    name="description"
                    label="Wrong"
                    field=Field::Description
                    hint="What to type."
                />
            </Form>
        }
        .into_any(),
    )
}

#[component]
fn Messages() -> impl IntoView {
    let notice = |(kind, text): (NoticeKind, &str)| {
        let notice = Notice { kind, text: text.to_owned(), links: Vec::new() }
            .with_link("/styleguide", "What comes next");
        view! { <NoticeBox notice /> }
    };
    let kinds = [
        (NoticeKind::Info, "Good to know."),
        (NoticeKind::Good, "Done."),
        (NoticeKind::Warn, "Something is to be done."),
        (NoticeKind::Bad, "Refused."),
    ];
    let unprivileged = Notice {
        kind: NoticeKind::Warn,
        ..Notice::good(Denied::ActorNotPrivileged(Helper::HelpDesk).to_string())
    };
    section(
        "Messages",
        view! {
            {kinds.map(notice).collect_view()}
            <NoticeBox notice=unprivileged />
        }
        .into_any(),
    )
}

fn token(used: bool, days_left: Option<i64>) -> TokenView {
    let mut days = UseDays::default().at(NOW);
    if used {
        (0..30).for_each(|day| {
            days.add(NOW.days() - day, u32::try_from(day * 7 % 12).unwrap_or_default());
        });
    }
    let (description, created) = ("Backup script".to_owned(), NOW.plus_days(-100));
    TokenView {
        networks: "192.0.2.0/24".to_owned(),
        expires: days_left.map(|days| NOW.plus_days(days)),
        used: used.then(|| Used { at: NOW, address: "192.0.2.7".to_owned() }),
        days,
        ..TokenView::made(TokenId::sample(), description, Access::Read, created)
    }
}

#[component]
fn Lists() -> impl IntoView {
    let card = |token: TokenView, over: bool| {
        view! {
            <li class="card" data-state=over.then_some("over")>
                <h3>{token.description.clone()}</h3>
                <TokenFacts token=Memo::new(move |_| token.clone()) />
                {(!over)
                    .then(|| {
                        view! {
                            <div class="actions">
                                <button type="button">"Edit"</button>
                                <button type="button" class="danger">
                                    "Revoke"
                                </button>
                            </div>
                        }
                    })}
            </li>
        }
    };
    section(
        "Lists",
        view! {
            <ul class="cards">
                {card(token(true, None), false)}{card(token(false, Some(3)), false)}
                {card(token(false, Some(-3)), true)}
            </ul>
            <div class="scroll">
                <table class="rows stack">
                    <thead>
                        <tr>
                            <th scope="col">"NetID"</th>
                            <th scope="col">"Name"</th>
                            <th scope="col" class="num">
                                "Tokens"
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        <tr>
                            <th scope="row" data-label="NetID">
                                <a href="/styleguide">"someone"</a>
                            </th>
                            <td data-label="Name">"Someone"</td>
                            <td data-label="Tokens" class="num">
                                "3"
                            </td>
                        </tr>
                        <tr>
                            <th scope="row" data-label="NetID">
                                <a href="/styleguide">"other"</a>
                            </th>
                            <td data-label="Name">"Somebody Else"</td>
                            <td data-label="Tokens" class="num">
                                "12"
                            </td>
                        </tr>
                    </tbody>
                </table>
            </div>
            <details class="fold" open=true>
                <summary>"Folded"</summary>
                <p>"What was folded."</p>
            </details>
        }
        .into_any(),
    )
}

#[component]
fn Secrets() -> impl IntoView {
    section(
        "Secrets",
        view! {
            <CopyField
                id="guide-token"
                label="New auth token"
                hint="Treat it like a password."
                value="latchkey_000000000000000000000000000000000000".to_owned()
            />
            <p class="passphrase">"plain-copper-teapot-garden-walrus"</p>
        }
        .into_any(),
    )
}

/// What opens over a page, each on a stage of its own.
#[component]
fn Over() -> impl IntoView {
    let (nothing, node) = (Callback::new(|()| ()), NodeRef::<html::Dialog>::new());
    let dialog = view! {
        <Dialog heading="guide-question" kind="danger" node=node closed=nothing>
            <h2 id="guide-question">
                "Revoke Backup script? The application using it stops working at once."
            </h2>
            <Form to="/styleguide" name="question" cancels=true>
                <PasswordField name="own_password" label="Your local password" />
                <div class="actions">
                    <Submit label="Revoke token" class="danger" />
                    <Cancel closed=nothing />
                </div>
            </Form>
        </Dialog>
    };
    section(
        "Over the page",
        view! {
            <div class="stage">{dialog.into_any()}</div>
            <div class="stage menu-stage">
                <Menu netid="someone".to_owned() />
            </div>
        }
        .into_any(),
    )
}
