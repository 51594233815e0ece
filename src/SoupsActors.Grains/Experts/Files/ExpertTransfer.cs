using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;

namespace SoupsActors.Grains.Experts;

/// <summary>A peer sent something else than it announced.</summary>
internal sealed class DamagedTransferException(string message) : Exception(message);

/// <summary>
/// Fetches the files of one expert from one peer into a folder. What arrived before a connection broke stays there under
/// the name of what it is to become, so that the next try, from whichever peer, goes on behind it.
/// </summary>
internal sealed class ExpertTransfer(HttpClient http, Uri peer, string hash, string folder)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>Bytes that arrived.</summary>
    public long Received { get; private set; }

    /// <summary>Fetches what is missing and checks each file's sum.</summary>
    /// <returns>False where the peer does not have the expert.</returns>
    /// <exception cref="HttpRequestException">The peer cannot be reached, or refuses.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="DamagedTransferException">What arrived is not what was announced.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(new Uri(peer, $"{ExpertManifest.Route}/{hash}"), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return false;
        var manifest = await response.EnsureSuccessStatusCode().Content
            .ReadFromJsonAsync<ExpertManifest>(cancellationToken);
        if (manifest is not { IsComplete: true } || manifest.Hash != hash)
            throw new DamagedTransferException($"{peer} lists files that are no expert's.");
        Directory.CreateDirectory(folder);
        foreach (var file in manifest.Files)
            await FetchAsync(file, cancellationToken);
        return true;
    }

    private async Task FetchAsync(ExpertFile file, CancellationToken cancellationToken)
    {
        var part = Path.Combine(folder, file.Sha256 + ".part");
        await using (var output = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            if (output.Length < file.Bytes)
                await AppendAsync(file, output, cancellationToken);
            output.Flush(flushToDisk: true);
            output.Position = 0;
            var sum = Convert.ToHexStringLower(await SHA256.HashDataAsync(output, cancellationToken));
            if (sum != file.Sha256)
            {
                output.SetLength(0);
                throw new DamagedTransferException($"{peer} sent a damaged {file.Name}.");
            }
        }

        File.Move(part, Path.Combine(folder, file.Name), overwrite: true);
    }

    private async Task AppendAsync(ExpertFile file, FileStream output, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(peer, $"{ExpertManifest.Route}/{hash}/{file.Name}"));
        if (output.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(output.Length, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(new EntityTagHeaderValue($"\"{file.Sha256}\""));
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == output.Length)
            output.Position = output.Length;
        else
            output.SetLength(0);
        await using var input = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[128 * 1024];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            silence.CancelAfter(Silence);
            var count = await input.ReadAsync(buffer, silence.Token);
            if (count == 0)
                break;
            if (output.Position + count > file.Bytes)
                throw new DamagedTransferException($"{peer} sent more than the {file.Bytes} bytes of {file.Name}.");
            await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            Received += count;
        }

        if (output.Length < file.Bytes)
            throw new IOException($"{peer} ended {file.Name} after {output.Length} of {file.Bytes} bytes.");
    }
}
