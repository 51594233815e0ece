using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using SoupsActors.Grains.Experts;
using SoupsActors.Models.Experts;
using SoupsActors.Testing;

namespace SoupsActors.Silo.Tests;

/// <summary>Weights on their way from the disk of one silo to that of another.</summary>
public sealed class ExpertExchangeTests(ExpertExchangeTests.KeyedServer shared) : IClassFixture<ExpertExchangeTests.KeyedServer>
{
    private const string Key = "cluster key";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private TestServer Server => shared.Server;

    [Fact]
    public async Task weights_that_are_not_here_are_fetched_from_a_peer_that_has_them()
    {
        using var here = new Silo(this, Server.Http.BaseAddress!);
        var hash = await HashAsync("P1A");
        Assert.Null(here.Store.Find(hash));
        var folder = await here.Files.EnsureAsync(hash, Cancelled);
        Assert.Equal(hash, here.Read(folder).Hash);
        Assert.Equal(folder, await here.Files.EnsureAsync(hash, Cancelled));
    }

    [Fact]
    public async Task callers_at_once_share_one_transfer()
    {
        await using var counted = await ProxyAsync((_, next) => next());
        using var here = new Silo(this, counted.Url);
        var hash = await HashAsync("P2B");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => here.Files.EnsureAsync(hash, Cancelled)));
        Assert.Equal(1 + here.FileCount(hash), counted.Requests);
    }

    [Fact]
    public async Task a_broken_transfer_goes_on_behind_what_has_arrived()
    {
        var ranges = new List<string>();
        Silo? receiver = null;
        await using var broken = await ProxyAsync(async (context, next) =>
        {
            ranges.Add(context.Request.Headers.Range.ToString());
            if (!context.Request.Path.Value!.EndsWith(".safetensors", StringComparison.Ordinal)
                || context.Request.Headers.Range.Count > 0)
            {
                await next();
                return;
            }

            // Half of the file, then the connection ends, which takes along what nobody has read by then.
            var original = context.Response.Body;
            using var whole = new MemoryStream();
            context.Response.Body = whole;
            await next();
            context.Response.Body = original;
            await original.WriteAsync(whole.GetBuffer().AsMemory(0, (int)whole.Length / 2));
            await original.FlushAsync();
            while (!receiver!.HoldsPart)
                await Task.Yield();
            context.Abort();
        });
        using var here = receiver = new Silo(this, broken.Url);
        var hash = await HashAsync("P1A");
        Assert.Equal(hash, here.Read(await here.Files.EnsureAsync(hash, Cancelled)).Hash);
        Assert.Single(ranges, range => range.StartsWith("bytes=", StringComparison.Ordinal) && range != "bytes=0-");
    }

    [Fact]
    public async Task a_peer_that_sends_something_else_is_passed_over()
    {
        await using var lying = await ProxyAsync(async (context, next) =>
        {
            if (!context.Request.Path.Value!.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                await next();
                return;
            }

            var original = context.Response.Body;
            using var whole = new MemoryStream();
            context.Response.Body = whole;
            await next();
            context.Response.Body = original;
            whole.GetBuffer()[whole.Length - 1] ^= 1;
            await original.WriteAsync(whole.GetBuffer().AsMemory(0, (int)whole.Length));
        });
        var hash = await HashAsync("P1A");
        using (var alone = new Silo(this, lying.Url))
        {
            var error = await Assert.ThrowsAsync<SoupsException>(() => alone.Files.EnsureAsync(hash, Cancelled));
            Assert.Equal((SoupsError.Unavailable, "expert_files_unreachable"), (error.Error, error.Code));
            Assert.Null(alone.Store.Find(hash));
        }

        using var here = new Silo(this, lying.Url, Server.Http.BaseAddress!);
        Assert.Equal(hash, here.Read(await here.Files.EnsureAsync(hash, Cancelled)).Hash);
    }

    [Fact]
    public async Task other_content_under_a_hash_is_refused_though_its_sums_are_right()
    {
        var (wanted, other) = (await HashAsync("P1A"), await HashAsync("P2B"));
        await using var swapped = await ProxyAsync(async (context, next) =>
        {
            context.Request.Path = context.Request.Path.Value!.Replace(wanted, other, StringComparison.Ordinal);
            var original = context.Response.Body;
            using var whole = new MemoryStream();
            context.Response.Body = whole;
            await next();
            context.Response.Body = original;
            var isManifest = context.Request.Path.Value!.EndsWith(other, StringComparison.Ordinal);
            var body = isManifest
                ? Encoding.UTF8.GetBytes(
                    Encoding.UTF8.GetString(whole.ToArray()).Replace(other, wanted, StringComparison.Ordinal))
                : whole.ToArray();
            await original.WriteAsync(body);
        });
        using var here = new Silo(this, swapped.Url);
        var error = await Assert.ThrowsAsync<SoupsException>(() => here.Files.EnsureAsync(wanted, Cancelled));
        Assert.Contains(other, error.Message, StringComparison.Ordinal);
        Assert.Null(here.Store.Find(wanted));
    }

    [Fact]
    public async Task weights_that_nobody_has_are_gone()
    {
        using var here = new Silo(this, Server.Http.BaseAddress!);
        var error = await Assert.ThrowsAsync<SoupsException>(() => here.Files.EnsureAsync(new string('a', 64), Cancelled));
        Assert.Equal("damaged_expert", error.Code);
    }

    [Fact]
    public async Task other_silos_need_the_clusters_key_and_users_keys_do_not_do()
    {
        var path = $"{ExpertManifest.Route}/{await HashAsync("P1A")}";
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(path, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(path, "api key"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(path, Key));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/v1/experts", Key));
    }

    [Theory]
    [InlineData("soups.db")]
    [InlineData("%2e%2e%2f%2e%2e%2fsoups.db")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task a_name_that_is_no_hash_leads_nowhere(string name) =>
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{ExpertManifest.Route}/{name}", Key));

    private async Task<HttpStatusCode> StatusAsync(string path, string? key)
    {
        using var http = new HttpClient { BaseAddress = Server.Http.BaseAddress };
        if (key is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.GetAsync(path, Cancelled);
        return response.StatusCode;
    }

    private async Task<string> HashAsync(string expert)
    {
        var (_, body) = await Server.SendAsync(
            HttpMethod.Get, $"/v1/experts/{expert}", null, ("Authorization", "Bearer api key"));
        return (string)body!["versions"]![0]!["hash"]!;
    }

    private async Task<Proxy> ProxyAsync(Func<HttpContext, Func<Task>, Task> act)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var proxy = new Proxy(app);
        var http = new HttpClient { BaseAddress = Server.Http.BaseAddress };
        app.Run(context =>
        {
            Interlocked.Increment(ref proxy.Requests);
            return act(context, async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, context.Request.Path.Value);
                foreach (var name in (string[])["Authorization", "Range", "If-Range"])
                {
                    if (context.Request.Headers.TryGetValue(name, out var value))
                        request.Headers.TryAddWithoutValidation(name, (string?)value);
                }

                using var response = await http.SendAsync(request);
                context.Response.StatusCode = (int)response.StatusCode;
                context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
                if (response.Content.Headers.ContentRange is { } range)
                    context.Response.Headers.ContentRange = range.ToString();
                await response.Content.CopyToAsync(context.Response.Body);
            });
        });
        await app.StartAsync();
        return proxy;
    }

    /// <summary>A server with both keys.</summary>
    public sealed class KeyedServer : IAsyncLifetime
    {
        internal TestServer Server { get; } = new($"--Soups:ClusterKey={Key}", "--Soups:ApiKey=api key");

        public ValueTask InitializeAsync() => Server.InitializeAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    private sealed class Proxy(WebApplication app) : IAsyncDisposable
    {
        public int Requests;

        public Uri Url => new(app.Urls.First());

        public async ValueTask DisposeAsync() => await app.DisposeAsync();
    }

    /// <summary>Another silo, as far as weights go.</summary>
    private sealed class Silo : IDisposable, IExpertPeers
    {
        private readonly TemporaryFolder folder = new();
        private readonly HttpClient http = new();
        private readonly TinyModel model;
        private readonly Uri[] peers;

        public Silo(ExpertExchangeTests tests, params Uri[] peers)
        {
            this.peers = peers;
            model = tests.Server.Model;
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
            Store = new ExpertStore(folder["data"], Read);
            Files = new PeerExpertFiles(Store, this, http, TimeProvider.System, NullLogger<PeerExpertFiles>.Instance);
        }

        public ExpertStore Store { get; }

        public PeerExpertFiles Files { get; }

        /// <summary>Whether some bytes of a file lie here and wait for the rest.</summary>
        public bool HoldsPart => Directory.EnumerateFiles(folder["data"], "*.part", SearchOption.AllDirectories)
            .Any(path => new FileInfo(path).Length > 0);

        public Expert Read(string path) => AdapterFolder.Load(path, model.Config, model.BaseHash).Expert;

        public int FileCount(string hash) => Directory.GetFiles(Store.Find(hash)!).Length;

        public Task<IReadOnlyList<Uri>> ListAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Uri>>(peers);

        public void Dispose()
        {
            http.Dispose();
            folder.Dispose();
        }
    }
}
