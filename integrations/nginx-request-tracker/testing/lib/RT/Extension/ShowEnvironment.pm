package RT::Extension::ShowEnvironment;

# For the tests: /show-environment answers with what nginx has passed, before anything of RT's has
# seen it.

use strict;
use warnings;

use JSON ();

sub PSGIWrap {
    my ( $class, $app ) = @_;
    return sub {
        my ($env) = @_;
        return $app->($env) unless $env->{PATH_INFO} =~ m{/show-environment$};
        my %plain = map { $_ => $env->{$_} } grep { !ref $env->{$_} } keys %$env;
        my $json = JSON->new->canonical->encode( \%plain );
        return [ 200, [ 'Content-Type' => 'application/json' ], [$json] ];
    };
}

1;
