mod clients;
mod configuration;
mod full_disk;
mod serving;
mod tokens;
mod users;
