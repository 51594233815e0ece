using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SoupsActors.Grains.Experts;
using SoupsActors.Models.Experts;
using SoupsActors.Testing;

namespace SoupsActors.Grains.Tests.Experts;

/// <summary>Weights from peers that freeze, break off and cannot be found.</summary>
public sealed class PeerExpertFilesTests : IDisposable
{
    private const string Weights = "adapter_model.safetensors";
    private const string Card = "soups.json";
    private static readonly Uri Bad = new("http://bad:5080");
    private static readonly Uri Good = new("http://good:5080");

    private readonly TemporaryFolder folder = new();
    private readonly ManualTimeProvider clock = new();
    private readonly TinyModel model;
    private readonly string hash;
    private readonly ExpertStore store;

    public PeerExpertFilesTests()
    {
        model = TinyModel.Create(folder["model"]);
        hash = model.WriteExpert(folder["there"], "kind", 5).Hash;
        store = new ExpertStore(
            folder["data"], path => AdapterFolder.Load(path, model.Config, model.BaseHash).Expert, clock: clock);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", false)]
    [InlineData(Weights, false)]
    [InlineData(Weights, true)]
    public async Task a_peer_that_freezes_is_passed_over(string where, bool inTheMiddle)
    {
        using var froze = new SemaphoreSlim(0);
        CancellationToken waiting = default;
        using var peers = Peers(Bad, Good);
        peers.Instead = async (request, file, token) =>
        {
            if (request.RequestUri!.Host != Bad.Host || (file != where && waiting == default))
                return null;
            if (inTheMiddle && file == where)
                return FakePeers.Part(new StreamContent(new FrozenStream(peers.Bytes(file)[..100], FreezeAsync)));
            await FreezeAsync(token);
            return null;
        };
        var fetch = Files(peers).EnsureAsync(hash, Cancelled);

        // Where something has arrived already, the same peer is asked again.
        for (var times = where == "" ? 1 : 2; times > 0; times--)
        {
            await froze.WaitAsync(Cancelled);
            clock.Advance(ExpertTransfer.Silence);
            Assert.True(waiting.IsCancellationRequested);
        }

        Assert.Equal(await fetch, store.Find(hash));

        async Task FreezeAsync(CancellationToken token)
        {
            waiting = token;
            froze.Release();
            await Task.Delay(Timeout.Infinite, token);
        }
    }

    [Fact]
    public async Task a_file_that_has_arrived_is_not_asked_for_again()
    {
        using var peers = Peers(Bad, Good);
        peers.Instead = (request, file, _) =>
            file == Card && request.RequestUri!.Host == Bad.Host ? BreakOff() : AsItShould();
        await Files(peers).EnsureAsync(hash, Cancelled);
        Assert.Single(peers.Asked, asked => asked.File == Weights);
    }

    [Fact]
    public async Task a_peer_that_never_gets_to_the_end_is_given_up()
    {
        using var peers = Peers(Bad);
        peers.Instead = (_, file, _) => file == Card ? BreakOff() : AsItShould();
        await AssertUnreachableAsync(Files(peers));
        Assert.InRange(peers.Asked.Count(asked => asked.File == Card), 1, 3);
    }

    [Fact]
    public async Task a_proxy_that_always_breaks_off_at_the_same_byte_is_given_up()
    {
        using var peers = Peers(Bad);
        peers.Instead = (_, file, _) => file == Weights
            ? Answer(FakePeers.Part(new ByteArrayContent(peers.Bytes(file)[..100])))
            : AsItShould();
        await AssertUnreachableAsync(Files(peers));
        Assert.InRange(peers.Asked.Count(asked => asked.File == Weights), 1, 3);
    }

    [Fact]
    public async Task a_peer_that_gives_a_byte_at_a_time_is_given_up_and_what_it_gave_stays()
    {
        using var peers = Peers(Bad);
        peers.Instead = (request, file, _) =>
        {
            if (file != Weights)
                return AsItShould();
            var (bytes, from) = (peers.Bytes(file), request.Headers.Range?.Ranges.Single().From ?? 0);
            return Answer(FakePeers.Part(new ByteArrayContent(bytes, (int)from, 1), from, bytes.Length));
        };
        var files = Files(peers);
        await AssertUnreachableAsync(files);
        var held = peers.Asked.Count(asked => asked.File == Weights);

        long? wentOnAt = null;
        peers.Instead = (request, _, _) =>
        {
            wentOnAt ??= request.Headers.Range?.Ranges.Single().From;
            return AsItShould();
        };
        await files.EnsureAsync(hash, Cancelled);
        Assert.Equal(held, wentOnAt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task weights_of_a_peer_whose_name_has_no_address_are_away_not_gone(bool throws)
    {
        using var handler = new FakePeers(folder["there"], hash)
        {
            Instead = (_, _, _) => BreakOff(),
        };
        var options = Options.Create(new ExpertFileOptions { Peers = ["http://generators:5080"] });
        var peers = new ConfiguredPeers(options, (_, _) => throws
            ? Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))
            : Task.FromResult<IPAddress[]>([]));
        await AssertUnreachableAsync(Files(handler, peers));
    }

    [Fact]
    public async Task a_name_stands_for_all_its_addresses()
    {
        var options = Options.Create(new ExpertFileOptions { Peers = ["http://generators:5080"] });
        var peers = new ConfiguredPeers(
            options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.IPv6Loopback]));
        Assert.Equal(
            ["http://127.0.0.1:5080/", "http://[::1]:5080/"],
            (await peers.ListAsync(Cancelled)).Select(uri => uri.ToString()).Order());
    }

    private static Task<HttpResponseMessage?> AsItShould() => Task.FromResult<HttpResponseMessage?>(null);

    private static Task<HttpResponseMessage?> Answer(HttpResponseMessage answer) =>
        Task.FromResult<HttpResponseMessage?>(answer);

    private static Task<HttpResponseMessage?> BreakOff() =>
        Task.FromException<HttpResponseMessage?>(new HttpRequestException("broken off"));

    private async Task AssertUnreachableAsync(PeerExpertFiles files)
    {
        var error = await Assert.ThrowsAsync<SoupsException>(
            () => files.EnsureAsync(hash, Cancelled));
        Assert.Equal((SoupsError.Unavailable, "expert_files_unreachable"), (error.Error, error.Code));
    }

    private FakePeers Peers(params Uri[] peers) => new(folder["there"], hash, peers);

    private PeerExpertFiles Files(FakePeers handler, IExpertPeers? peers = null) => new(
        store,
        peers ?? handler,
        new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan },
        clock,
        NullLogger<PeerExpertFiles>.Instance);

    /// <summary>Gives some bytes and then nothing more.</summary>
    private sealed class FrozenStream(byte[] bytes, Func<CancellationToken, Task> freeze) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length)
                await freeze(cancellationToken);
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
