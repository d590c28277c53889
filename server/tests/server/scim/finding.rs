//! Whom an identity system finds, by filters, pages and searches.

use serde_json::{Value, json};

use super::{ask, with_nora_and_nils};
use crate::support::World;

async fn found(world: &World, filter: &str) -> Vec<String> {
    let query: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let answer = ask(world, "GET", &format!("/scim/v2/Users?filter={query}"), None).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
    let list = answer.json();
    let people: Vec<String> = list["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(list["totalResults"], people.len(), "{filter}");
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_whatever_identity_systems_look_for() {
    let world = with_nora_and_nils().await;
    for filter in [
        r#"userName eq "nora""#,
        r#"id eq "nora""#,
        r#"externalId eq "7d3f-AB""#,
        r#"emails[type eq "work"].value eq "nora@example.edu""#,
        r#"emails.value eq "NORA@example.edu""#,
        r#"displayName eq "Nora Nöhl""#,
        r#"displayName co "nöhl""#,
        r#"userName sw "no""#,
        r#"(userName eq "nora" and active eq true) or externalId eq "none""#,
        "userName eq nora",
    ] {
        assert_eq!(found(&world, filter).await, ["nora"], "{filter}");
    }
    assert_eq!(found(&world, r#"userName sw "n""#).await, ["nils", "nora"]);
    assert_eq!(
        found(&world, r#"externalId eq "9e0c" or externalId eq "7d3f-AB""#).await,
        ["nils", "nora"]
    );
    assert_eq!(
        found(&world, r#"userName sw "nora""#).await,
        ["nora"],
        "the whole begins with itself"
    );
    assert_eq!(found(&world, "active eq false and externalId pr").await, ["nils"]);
    // Named again and again, and by several ways, each is found once, in order.
    let again = vec![r#"userName sw "n""#; 100].join(" or ");
    assert_eq!(found(&world, &again).await, ["nils", "nora"]);
    let several = r#"userName eq "nora" or externalId eq "7d3f-AB" or userName sw "Ni""#;
    assert_eq!(found(&world, several).await, ["nils", "nora"]);
    let many = (0..101).map(|n| format!("id eq x{n}")).collect::<Vec<_>>().join(" or ");
    let query: String = url::form_urlencoded::byte_serialize(many.as_bytes()).collect();
    let refused = ask(&world, "GET", &format!("/scim/v2/Users?filter={query}"), None).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("tooMany")));
    for filter in [
        r#"externalId eq "7d3f""#,
        r#"externalId eq "7d3f-ab""#,
        r#"userName eq "nora" and active eq false"#,
        r#"userName eq "no NetID""#,
        r#"emails.value eq "nobody@example.edu""#,
        r#"displayName eq """#,
    ] {
        assert_eq!(found(&world, filter).await, Vec::<String>::new(), "{filter}");
    }
    // Entra ID asks so whether somebody's manager is still the same.
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    for filter in ["manager eq \"boss\"", &format!("id eq \"nora\" and {manager} eq \"boss\"")] {
        assert_eq!(found(&world, filter).await, Vec::<String>::new(), "{filter}");
    }
    // Deleted, nobody is found by anything.
    assert_eq!(ask(&world, "DELETE", "/scim/v2/Users/nora", None).await.status, 204);
    for filter in [
        r#"externalId eq "7d3f-AB""#,
        r#"emails.value eq "nora@example.edu""#,
        r#"userName sw "nora""#,
    ] {
        assert_eq!(found(&world, filter).await, Vec::<String>::new(), "{filter}");
    }
    let refused = ask(&world, "GET", "/scim/v2/Users?filter=title%20eq%20%22Dr.%22", None).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidFilter")));
    assert!(
        refused.json()["detail"].as_str().unwrap().contains("What works: userName, id, externalId")
    );
}

/// Who is on a page.
fn ids(list: &Value) -> Vec<&str> {
    list["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_what_is_found_begin_and_end_where_they_should() {
    let world = with_nora_and_nils().await;
    for (query, total, netids) in [
        ("filter=userName%20sw%20n&count=1", 2, &["nils"][..]),
        ("filter=userName%20sw%20n&count=1&startIndex=2", 2, &["nora"]),
        ("filter=userName%20sw%20n&startIndex=3", 2, &[]),
        ("filter=userName%20sw%20n&count=0", 2, &[]),
        ("filter=userName%20sw%20n&count=-3&startIndex=-1", 2, &[]),
        ("filter=&count=1&startIndex=0", 9, &["ada"]),
        ("count=0", 9, &[]),
        ("count=1000000000000000000000000000000&filter=userName%20sw%20n", 2, &["nils", "nora"]),
        (
            "count=-1000000000000000000000000000000&startIndex=-1000000000000000000000000000000",
            9,
            &[],
        ),
        ("count=1&startIndex=1000000000000000000000000000000", 9, &[]),
    ] {
        let list = ask(&world, "GET", &format!("/scim/v2/Users?{query}"), None).await.json();
        let people = ids(&list);
        assert_eq!(
            (list["totalResults"].as_i64(), people.as_slice()),
            (Some(total), netids),
            "{query}"
        );
        assert_eq!(list["itemsPerPage"], people.len(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_as_bounded_as_a_list() {
    let world = with_nora_and_nils().await;
    let filter = "userName sw \"n\"";
    for (count, start, netids) in [
        (json!(1e30), json!(1), &["nils", "nora"][..]),
        (json!("1000000000000000000000000000000"), json!("2"), &["nora"]),
        (json!(-1), json!(-7), &[]),
        (json!(-1e30), json!(1), &[]),
        (json!(1), json!(0), &["nils"]),
        (json!(1), json!(1e30), &[]),
        (Value::Null, Value::Null, &["nils", "nora"]),
    ] {
        for path in ["/scim/v2/.search", "/scim/v2/Users/.search"] {
            let body = json!({
                "filter": filter, "count": count, "startIndex": start, "attributes": ["userName"],
            });
            let list = ask(&world, "POST", path, Some(body.clone())).await.json();
            let people = ids(&list);
            assert_eq!(
                (list["totalResults"].as_i64(), people.as_slice()),
                (Some(2), netids),
                "{path} {body}"
            );
        }
    }
    for wrong in [json!("many"), json!(1.5), json!([1]), json!(true), json!("")] {
        for name in ["count", "startIndex"] {
            let refused =
                ask(&world, "POST", "/scim/v2/.search", Some(json!({ name: wrong }))).await;
            assert_eq!(
                (refused.status, &refused.json()["scimType"]),
                (400, &json!("invalidValue")),
                "{name} {wrong}"
            );
            assert!(
                refused.json()["detail"].as_str().unwrap().contains("whole numbers"),
                "{name} {wrong}"
            );
        }
    }
    let refused = ask(&world, "POST", "/scim/v2/.search", Some(json!({ "filter": 7 }))).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidSyntax")));
}
