using Orleans.Concurrency;
using SoupsActors.Generation;
using SoupsActors.Grains.Feedback;
using SoupsActors.Grains.Generation;
using SoupsActors.Grains.Placement;
using SoupsActors.Users;

namespace SoupsActors.Grains.Users;

/// <inheritdoc cref="IGuestGrain"/>
[Reentrant]
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class GuestGrain(RequestWalk walk) : Grain, IGuestGrain
{
    private static readonly SoupProfile NoProfile = new();

    public Task<Answer> Generate(TextRequest request, CancellationToken cancellationToken = default) =>
        Stream(request, cancellationToken).CollectAsync(cancellationToken);

    public IAsyncEnumerable<AnswerPiece> Stream(TextRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Soup.History)
        {
            throw SoupsException.Invalid(
                "A stored conversation needs to know whose it is. Send `user` too.", "user_required", "soup.history");
        }

        return walk.RunAsync(request, NoProfile, [], Requester.Guest, cancellationToken);
    }
}
