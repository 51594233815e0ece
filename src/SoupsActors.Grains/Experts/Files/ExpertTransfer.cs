using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;

namespace SoupsActors.Grains.Experts;

/// <summary>A peer sent something else than it announced.</summary>
internal sealed class DamagedTransferException(string message) : Exception(message);

/// <summary>
/// Fetches the files of one expert from one peer into a folder. What arrived before a connection broke stays there under
/// the name of what it is to become, so that the next try, from whichever peer, goes on behind it. A peer that is
/// silent for a while is given up, wherever it fell silent: it may be frozen, and then never says that it is.
/// </summary>
internal sealed class ExpertTransfer(HttpClient http, Uri peer, string hash, string folder, TimeProvider clock)
{
    /// <summary>How long a peer may send nothing.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>Bytes that arrived.</summary>
    public long Received { get; private set; }

    /// <summary>Bytes that lie in the folder, whoever sent them.</summary>
    public long Held => Directory.Exists(folder)
        ? new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length)
        : 0;

    /// <summary>Fetches what is missing and checks each file's sum.</summary>
    /// <returns>False where the peer does not have the expert.</returns>
    /// <exception cref="HttpRequestException">The peer cannot be reached, or refuses.</exception>
    /// <exception cref="IOException">The connection broke, or the peer fell silent.</exception>
    /// <exception cref="DamagedTransferException">What arrived is not what was announced.</exception>
    public async Task<bool> RunAsync()
    {
        using var response = await HearAsync(
            silence => http.GetAsync(new Uri(peer, $"{ExpertManifest.Route}/{hash}"), silence));
        if (response.StatusCode == HttpStatusCode.NotFound)
            return false;
        var manifest = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<ExpertManifest>();
        if (manifest is not { IsComplete: true } || manifest.Hash != hash)
            throw new DamagedTransferException($"{peer} lists files that are no expert's.");
        Directory.CreateDirectory(folder);
        foreach (var file in manifest.Files)
        {
            if (!await HasAsync(file))
                await FetchAsync(file);
        }

        return true;
    }

    private async Task<bool> HasAsync(ExpertFile file)
    {
        var info = new FileInfo(Path.Combine(folder, file.Name));
        if (!info.Exists || info.Length != file.Bytes)
            return false;
        await using var stream = info.OpenRead();
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream)) == file.Sha256;
    }

    private async Task FetchAsync(ExpertFile file)
    {
        var part = Path.Combine(folder, file.Sha256 + ".part");
        await using (var output = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            if (output.Length < file.Bytes)
                await AppendAsync(file, output);
            output.Flush(flushToDisk: true);
            output.Position = 0;
            var sum = Convert.ToHexStringLower(await SHA256.HashDataAsync(output));
            if (sum != file.Sha256)
            {
                output.SetLength(0);
                throw new DamagedTransferException($"{peer} sent a damaged {file.Name}.");
            }
        }

        File.Move(part, Path.Combine(folder, file.Name), overwrite: true);
    }

    private async Task AppendAsync(ExpertFile file, FileStream output)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(peer, $"{ExpertManifest.Route}/{hash}/{file.Name}"));
        if (output.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(output.Length, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(new EntityTagHeaderValue($"\"{file.Sha256}\""));
        }

        using var response = await HearAsync(
            silence => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence));
        response.EnsureSuccessStatusCode();
        if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == output.Length)
            output.Position = output.Length;
        else
            output.SetLength(0);
        await using var input = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[128 * 1024];
        while (await HearAsync(silence => input.ReadAsync(buffer, silence).AsTask()) is > 0 and var count)
        {
            if (output.Position + count > file.Bytes)
                throw new DamagedTransferException($"{peer} sent more than the {file.Bytes} bytes of {file.Name}.");
            await output.WriteAsync(buffer.AsMemory(0, count));
            Received += count;
        }

        if (output.Length < file.Bytes)
            throw new IOException($"{file.Name} ended after {output.Length} of {file.Bytes} bytes.");
    }

    private async Task<T> HearAsync<T>(Func<CancellationToken, Task<T>> ask)
    {
        using var silence = new CancellationTokenSource(Silence, clock);
        try
        {
            return await ask(silence.Token);
        }
        catch (OperationCanceledException error) when (silence.IsCancellationRequested)
        {
            throw new IOException($"Nothing arrived for {Silence.TotalSeconds:0} seconds.", error);
        }
    }
}
