# Goes to /etc/request-tracker5/RT_SiteConfig.d/80-latchkey.pm.

# The part that stock RT lacks. RT does not start without it, so that REMOTE_USER never counts
# unguarded.
Plugin('RT::Extension::Latchkey');

# REMOTE_USER is who it is; without it, RT's own log-in as before.
Set($WebRemoteUserAuth, 1);
Set($WebFallbackToRTLogin, 1);

# A session that REMOTE_USER opened ends where REMOTE_USER is missing.
Set($WebRemoteUserContinuous, 1);

# By name alone, and nobody is made up.
Set($WebRemoteUserGecos, 0);
Set($WebRemoteUserAutocreate, 0);

1;
