mod audit_file;
mod cross_site;
mod functions;
mod live;
mod pages;
mod plain_forms;
mod throttle;
mod too_large;
