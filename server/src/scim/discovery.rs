//! What there is (RFC 7643 §5 to §7): for identity systems that ask first.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::groups;
use super::parameters::{Id, MAX_LISTED};
use super::response::{self, ScimError};
use super::user::SCHEMA;
use crate::web::AppState;

fn meta(state: &AppState, kind: &str, path: &str) -> Value {
    let base = state.public_url.as_ref().map_or("", |url| url.as_str()).trim_end_matches('/');
    json!({ "resourceType": kind, "location": format!("{base}/scim/v2/{path}") })
}

pub(super) async fn service_provider_config(State(state): State<AppState>) -> Response {
    let no = json!({ "supported": false });
    response::ok(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAX_LISTED },
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token that Latchkey's configuration calls scim.token",
            "primary": true,
        }],
        "meta": meta(&state, "ServiceProviderConfig", "ServiceProviderConfig"),
    }))
}

fn user_type(state: &AppState) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "A person",
        "schema": SCHEMA,
        "meta": meta(state, "ResourceType", "ResourceTypes/User"),
    })
}

fn group_type(state: &AppState) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "Group",
        "name": "Group",
        "endpoint": "/Groups",
        "description": "A group that gives a role or privilege",
        "schema": groups::SCHEMA,
        "meta": meta(state, "ResourceType", "ResourceTypes/Group"),
    })
}

fn all_types(state: &AppState) -> Vec<Value> {
    let groups = groups::are_pushed(state).then(|| group_type(state));
    std::iter::once(user_type(state)).chain(groups).collect()
}

pub(super) async fn resource_types(State(state): State<AppState>) -> Response {
    listed(&all_types(&state))
}

pub(super) async fn resource_type(
    State(state): State<AppState>,
    Id(name): Id,
) -> Result<Response, ScimError> {
    one_of(&all_types(&state), &name)
        .ok_or_else(|| ScimError::not_found("There is no such resource type."))
}

fn listed(all: &[Value]) -> Response {
    response::list(u64::try_from(all.len()).unwrap_or(u64::MAX), 1, all)
}

fn one_of(all: &[Value], id: &str) -> Option<Response> {
    all.iter().find(|one| one["id"] == id).map(response::ok)
}

fn attribute(name: &str, kind: &str, description: &str, more: &Value) -> Value {
    let mut all = json!({
        "name": name,
        "type": kind,
        "multiValued": false,
        "description": description,
        "required": false,
        "mutability": "readWrite",
        "returned": "default",
    });
    if kind == "string" {
        all["caseExact"] = json!(false);
        all["uniqueness"] = json!("none");
    }
    if let (Some(all), Some(more)) = (all.as_object_mut(), more.as_object()) {
        all.extend(more.clone());
    }
    all
}

fn user_schema(state: &AppState) -> Value {
    let (nothing, fixed) = (json!({}), json!({ "mutability": "readOnly" }));
    let parts = ["formatted", "givenName", "familyName"]
        .map(|part| attribute(part, "string", "Of the full name", &nothing));
    let mut schema = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": SCHEMA,
        "name": "User",
        "description": "A person",
        "attributes": [
            attribute(
                "userName", "string", "The NetID",
                &json!({ "required": true, "mutability": "immutable", "uniqueness": "server" }),
            ),
            attribute("displayName", "string", "The full name", &nothing),
            attribute("name", "complex", "The parts of the full name, kept as they are sent: \
                they are the name where displayName is never sent", &json!({
                "subAttributes": parts,
            })),
            attribute("emails", "complex", "The e-mail address: of several the primary one is \
                kept", &json!({
                "multiValued": true,
                "subAttributes": [
                    attribute("value", "string", "The address", &nothing),
                    attribute("type", "string", "Always work", &fixed),
                    attribute("primary", "boolean", "Always true", &fixed),
                ],
            })),
            // Nobody is without: left out of a new one it is true.
            attribute(
                "active",
                "boolean",
                "Whether they are there: otherwise they have left, their tokens are revoked and \
                    their sessions over",
                &json!({ "required": true }),
            ),
        ],
        "meta": meta(state, "Schema", &format!("Schemas/{SCHEMA}")),
    });
    if let (true, Some(all)) = (groups::are_pushed(state), schema["attributes"].as_array_mut()) {
        let parts = ["value", "display", "$ref", "type"]
            .map(|part| attribute(part, "string", "Of the group", &fixed));
        all.push(attribute(
            "groups",
            "complex",
            "The groups that they were put into",
            &json!({
                "multiValued": true,
                "mutability": "readOnly",
                "subAttributes": parts,
            }),
        ));
    }
    schema
}

fn group_schema(state: &AppState) -> Value {
    let fixed = json!({ "required": true, "mutability": "immutable", "uniqueness": "server" });
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": groups::SCHEMA,
        "name": "Group",
        "description": "A group that gives a role or privilege",
        "attributes": [
            attribute("displayName", "string", "The name in groups.* of the configuration", &fixed),
            attribute("members", "complex", "Who is in it", &json!({
                "multiValued": true,
                "subAttributes": [attribute(
                    "value", "string", "The id of somebody at /Users",
                    &json!({ "mutability": "immutable" }),
                )],
            })),
        ],
        "meta": meta(state, "Schema", &format!("Schemas/{}", groups::SCHEMA)),
    })
}

fn all_schemas(state: &AppState) -> Vec<Value> {
    let groups = groups::are_pushed(state).then(|| group_schema(state));
    std::iter::once(user_schema(state)).chain(groups).collect()
}

pub(super) async fn schemas(State(state): State<AppState>) -> Response {
    listed(&all_schemas(&state))
}

pub(super) async fn schema(
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Response, ScimError> {
    one_of(&all_schemas(&state), &id)
        .ok_or_else(|| ScimError::not_found("There is no such schema."))
}
