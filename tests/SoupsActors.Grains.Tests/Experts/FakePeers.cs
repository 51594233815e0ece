using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using SoupsActors.Grains.Experts;

namespace SoupsActors.Grains.Tests.Experts;

/// <summary>
/// Peers that all have the expert of one folder and send it in good order, but for what a test has them do instead.
/// </summary>
internal sealed class FakePeers(string folder, string hash, params Uri[] peers) : HttpMessageHandler, IExpertPeers
{
    // A transfer that never ends would make the test one.
    private const int MostRequests = 100;

    private int requests;

    /// <summary>What a peer does instead, or null where it does as it should. Gets the request and the name of the
    /// file, which is empty for the list of files.</summary>
    public Func<HttpRequestMessage, string, CancellationToken, Task<HttpResponseMessage?>> Instead { get; set; } =
        (_, _, _) => Task.FromResult<HttpResponseMessage?>(null);

    /// <summary>What was asked for: host, and the name of the file.</summary>
    public List<(string Host, string File)> Asked { get; } = [];

    public Task<IReadOnlyList<Uri>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Uri>>(peers);

    /// <summary>The bytes of a file.</summary>
    public byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(folder, file));

    /// <summary>An answer with a part of a file.</summary>
    public static HttpResponseMessage Part(HttpContent content, long from = 0, long? total = null)
    {
        var response = new HttpResponseMessage(from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK)
        {
            Content = content,
        };
        if (from > 0)
            content.Headers.ContentRange = new ContentRangeHeaderValue(from, total!.Value - 1, total.Value);
        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Assert.InRange(++requests, 1, MostRequests);
        var file = request.RequestUri!.Segments[^1];
        if (file == hash)
            file = "";
        Asked.Add((request.RequestUri.Host, file));
        if (await Instead(request, file, cancellationToken) is { } other)
            return other;
        if (file == "")
        {
            var manifest = await ExpertManifest.OfAsync(hash, folder, cancellationToken);
            return new HttpResponseMessage { Content = JsonContent.Create(manifest) };
        }

        var bytes = Bytes(file);
        var from = request.Headers.Range?.Ranges.Single().From ?? 0;
        return Part(new ByteArrayContent(bytes, (int)from, bytes.Length - (int)from), from, bytes.Length);
    }
}
