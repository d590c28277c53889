//! The table of people found.

use desk::UserRow;
use leptos::prelude::*;

use super::api::FoundUsers;
use crate::admin::words::{account_badges, local_badge, user_path};

/// The most people one answer holds.
const MAX_ROWS: usize = 50;

#[component]
pub(super) fn Results(found: Signal<FoundUsers>) -> impl IntoView {
    // How many tokens somebody has is not for everybody who finds them.
    let counted = move || found.with(|found| found.rows.iter().any(|user| user.tokens.is_some()));
    let rows = move || {
        found.with(|found| {
            found.rows.iter().enumerate().map(|(place, user)| row(place, user)).collect_view()
        })
    };
    view! {
        <p class="muted" role="status">
            {move || found.with(count)}
        </p>
        <Show when=move || found.with(|found| !found.rows.is_empty())>
            <div class="scroll">
                <table class="rows stack">
                    <thead>
                        <tr>
                            <th scope="col">"NetID"</th>
                            <th scope="col">"Name"</th>
                            <th scope="col">"E-mail"</th>
                            <th scope="col">"Role"</th>
                            <th scope="col">"Local password"</th>
                            {move || {
                                counted()
                                    .then(|| {
                                        view! {
                                            <th scope="col" class="num">
                                                "Tokens"
                                            </th>
                                        }
                                    })
                            }}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </Show>
    }
}

/// The id of a row's link, by which the arrows find it.
pub(super) fn row_id(place: usize) -> String {
    format!("user-{place}")
}

fn row(place: usize, user: &UserRow) -> impl IntoView + use<> {
    let badges = account_badges(user);
    view! {
        <tr>
            <th scope="row" data-label="NetID">
                <a id=row_id(place) href=user_path(&user.netid)>
                    {user.netid.clone()}
                </a>
            </th>
            <td data-label="Name">
                <span>{user.name.clone()}{badges}</span>
            </td>
            <td data-label="E-mail">{user.email.clone()}</td>
            <td data-label="Role">{user.role.title()}</td>
            <td data-label="Local password">{local_badge(user.local, user.closed)}</td>
            {user
                .tokens
                .map(|tokens| {
                    view! {
                        <td data-label="Tokens" class="num">
                            {tokens}
                        </td>
                    }
                })}
        </tr>
    }
}

fn count(found: &FoundUsers) -> String {
    match (found.query.as_str(), found.rows.len()) {
        ("", _) => "Type the beginning of a NetID, a name or an e-mail address.".to_owned(),
        (query, 0) => {
            format!("Nobody found for “{query}”. Try fewer letters, or ask how it is spelt.")
        }
        (_, 1) => "1 person found.".to_owned(),
        (_, MAX_ROWS..) => format!("The first {MAX_ROWS} people. Type more to narrow it down."),
        (_, many) => format!("{many} people found."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_says_that_there_may_be_more() {
        let user = UserRow {
            netid: "sam".to_owned(),
            name: String::new(),
            email: String::new(),
            role: desk::Role::Staff,
            privileged: true,
            disabled: false,
            local: desk::LocalState::None,
            closed: false,
            tokens: None,
        };
        let found = |many| FoundUsers { query: "s".to_owned(), rows: vec![user.clone(); many] };
        assert!(count(&found(0)).starts_with("Nobody found for “s”. Try"));
        assert_eq!(count(&found(2)), "2 people found.");
        assert!(count(&found(MAX_ROWS)).starts_with("The first 50"));
    }
}
