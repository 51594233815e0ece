using System.Diagnostics;

namespace SoupsActors.Testing;

/// <summary>Servers that tests start and that must not outlive them.</summary>
public static class WatchedProcess
{
    /// <summary>
    /// Starts a server. It ends with the process that started it, however that ends: a shell between them watches a pipe
    /// whose other end the operating system closes.
    /// </summary>
    /// <param name="signal">What ends it, such as TERM; a server that has no handler for QUIT ignores that.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Process Start(string signal, string file, params string[] arguments)
    {
        var watched = $$"""
            exec 3<&0
            "$0" "$@" 3<&- </dev/null & server=$!
            { cat <&3; kill -{{signal}} $server; } >/dev/null 2>&1 &
            exec 3<&-
            wait $server
            """;
        return Process.Start(Describe("/bin/sh", ["-c", watched, file, .. arguments]))!;
    }

    internal static ProcessStartInfo Describe(string file, string[] arguments) => new(file, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
        WorkingDirectory = "/",
        Environment = { ["LC_ALL"] = "C" },
    };
}
