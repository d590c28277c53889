mod clients;
mod configuration;
mod serving;
mod tokens;
mod users;
