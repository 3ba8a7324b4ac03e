#!/usr/bin/perl
# Makes 500 customers, and a user with all rights whose token goes into the file that is named: that spares RT its checks of rights.
use strict;
use warnings;
use lib '/usr/local/share/request-tracker5/lib', '/usr/share/request-tracker5/lib';
use RT;
RT::LoadConfig();
RT::Init();
require RT::AuthToken;
my $user = RT::User->new(RT->SystemUser);
$user->Load('bench');
unless ($user->id) {
    my ($id, $why) = $user->Create(Name => 'bench', EmailAddress => 'bench@bench.test', Privileged => 1);
    die $why unless $id;
    my ($ok, $no) = $user->PrincipalObj->GrantRight(Right => 'SuperUser', Object => RT->System);
    die $no unless $ok;
}
for my $n (0 .. 499) {
    my $customer = RT::User->new(RT->SystemUser);
    $customer->LoadByEmail("cust$n\@example.test");
    next if $customer->id;
    my ($id, $why) = $customer->Create(Name => "cust$n\@example.test", EmailAddress => "cust$n\@example.test", Privileged => 0);
    die $why unless $id;
}
my $token = RT::AuthToken->new(RT::CurrentUser->new('root'));
my ($id, $why, $text) = $token->Create(Owner => $user->id, Description => 'bench');
die $why unless $id;
open my $file, '>', $ARGV[0] or die $!;
print $file $text;
close $file;
