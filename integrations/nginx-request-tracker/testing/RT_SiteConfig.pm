# A Request Tracker of the tests' own: SQLite, files in $RT_TEST_FOLDER, no mail. Compiled pages are
# kept in $RT_TEST_CACHE, so that a second run is quick.
Set($rtname, 'rt.example.edu');
Set($Organization, 'example.edu');
Set($WebPath, '');
Set($WebDomain, '127.0.0.1');
Set($WebPort, $ENV{RT_TEST_PORT});
Set($WebBaseURL, "http://127.0.0.1:$ENV{RT_TEST_PORT}");
if ( my $socket = $ENV{RT_TEST_POSTGRESQL} ) {
    Set($DatabaseType, 'Pg');
    Set($DatabaseHost, $socket);
    Set($DatabaseName, 'rt5');
    Set($DatabaseUser, 'rt_user');
    Set($DatabasePassword, '');
    Set($DatabaseAdmin, 'rt_user');
}
else {
    Set($DatabaseType, 'SQLite');
    Set($DatabaseName, "$ENV{RT_TEST_FOLDER}/rt.db");
}
# Where `cp` of README.md would put the extension.
$RT::LocalPluginPath = $ENV{RT_TEST_PLUGINS};
Set($MasonDataDir, "$ENV{RT_TEST_CACHE}/pages");
Set($MasonSessionDir, "$ENV{RT_TEST_FOLDER}/sessions");
Set($SendmailPath, '/bin/true');
# As where RT asks a directory for passwords: its own tokens are made without one.
Set($DisablePasswordForAuthToken, 1);
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'warning');
1;
