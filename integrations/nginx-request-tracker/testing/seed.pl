# Fills a new Request Tracker: people whose names are NetIDs, what they may do, and some of RT's own
# tokens: eight of rae's, one for each application as RT means them, three of helen's that nobody
# uses, and one of some others'.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;

# lee has no password in RT, as where a directory checks them; vic's is one that everybody knows.
my %password = ( lee => undef, sam => 'a mild brown lantern', vic => 'password' );

sub make {
    my ( $name, $email ) = @_;
    my $password = exists $password{$name} ? $password{$name} : "$name-rt-password";
    my $user = RT::User->new(RT->SystemUser);
    my ( $id, $why ) = $user->Create(
        Name         => $name,
        RealName     => ucfirst $name,
        EmailAddress => $email,
        defined $password ? ( Password => $password ) : (),
        Privileged   => 1,
    );
    die "$name: $why" unless $id;
    return $user;
}

make( $_, "$_\@example.edu" ) for qw(tia rae helen lee sam vic gus);
# A name that is no NetID.
make( 'Uma@example.edu', 'uma@example.edu' );

my $privileged = RT::Group->new(RT->SystemUser);
$privileged->LoadSystemInternalGroup('Privileged');
my @rights = qw(
    SeeQueue ShowTicket ShowTicketComments CreateTicket ModifyTicket ReplyToTicket
    CommentOnTicket OwnTicket ModifySelf ManageAuthTokens
);
for my $right (@rights) {
    my ( $id, $why ) =
        $privileged->PrincipalObj->GrantRight( Right => $right, Object => RT->System );
    die "$right: $why" unless $id;
}

for my $name ( 'tia', ('rae') x 8, ('helen') x 3, qw(sam vic gus Uma@example.edu) ) {
    my $owner = RT::CurrentUser->new;
    $owner->Load($name);
    my ( $id, $why, $token ) =
        RT::AuthToken->new($owner)->Create( Owner => $owner->id, Description => 'Tests' );
    die "token: $why" unless $id;
    print "$name $token\n";
}

# gus has left.
my $gus = RT::User->new(RT->SystemUser);
$gus->Load('gus');
my ( $done, $why ) = $gus->SetDisabled(1);
die "gus: $why" unless $done;
