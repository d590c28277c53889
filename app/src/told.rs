//! What the server told a page as it was made.

use std::any::Any;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fault::Fault;

/// What a server function told, whatever its type: as JSON on its way from the server's page into the browser's, as the
/// value itself where it was asked for here.
///
/// One type for all pages, so that the browser's code for waiting, suspending and drawing exists once and not once a page.
#[derive(Clone)]
pub(crate) enum Told {
    Text(Arc<str>),
    #[cfg_attr(feature = "ssr", expect(dead_code, reason = "the browser's"))]
    Value(Arc<dyn Any + Send + Sync>),
}

impl Told {
    #[cfg_attr(not(feature = "ssr"), expect(clippy::unnecessary_wraps, reason = "the server's side can fail"))]
    pub(crate) fn new<T: Serialize + Send + Sync + 'static>(told: T) -> Result<Self, Fault> {
        #[cfg(feature = "ssr")]
        return serde_json::to_string(&told).map(|text| Self::Text(text.into())).map_err(|_| Fault(desk::Refusal::Unavailable));
        #[cfg(not(feature = "ssr"))]
        Ok(Self::Value(Arc::new(told)))
    }

    pub(crate) fn read<T: DeserializeOwned + Clone + 'static>(&self) -> Option<T> {
        match self {
            // By bytes, as server functions read their answers: one reader of each type in the browser, not two.
            Self::Text(text) => serde_json::from_slice(text.as_bytes()).ok(),
            Self::Value(value) => value.downcast_ref::<T>().cloned(),
        }
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Value(_) => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::Text(text.into()))
    }
}
