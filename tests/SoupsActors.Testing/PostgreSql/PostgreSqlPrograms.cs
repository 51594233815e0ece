using System.Diagnostics;
using System.Globalization;

namespace SoupsActors.Testing.PostgreSql;

/// <summary>Finds PostgreSQL's programs and runs them as a user whom they accept: they refuse root.</summary>
internal sealed class PostgreSqlPrograms
{
    private const string Unprivileged = "postgres";

    private readonly string folder;

    private PostgreSqlPrograms(string folder) => this.folder = folder;

    private static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The newest programs of this machine, or a skipped test with the reason.</summary>
    public static PostgreSqlPrograms Require()
    {
        const string debian = "/usr/lib/postgresql";
        string[] installed = Directory.Exists(debian)
            ? [.. Directory.GetDirectories(debian).OrderByDescending(Version).Select(path => Path.Combine(path, "bin"))]
            : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = installed.Concat(onPath).FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")));
        if (found is null)
            Assert.Skip($"PostgreSQL's server is not installed: no initdb in {debian}/*/bin nor on the PATH.");
        if (IsRoot && !File.ReadLines("/etc/passwd").Any(line => line.StartsWith(Unprivileged + ":", StringComparison.Ordinal)))
            Assert.Skip($"PostgreSQL refuses to run as root, and there is no user '{Unprivileged}' to run it as.");
        return new PostgreSqlPrograms(found);
    }

    /// <summary>Lets the programs write to a folder.</summary>
    public static Task HandOverAsync(string path) =>
        IsRoot ? CompleteAsync("chown", [Unprivileged, path]) : Task.CompletedTask;

    /// <summary>Runs a program to its end.</summary>
    public Task RunAsync(string program, params string[] arguments)
    {
        var (file, all) = Command(program, arguments);
        return CompleteAsync(file, all);
    }

    /// <summary>Starts the server, which ends with the process that started it.</summary>
    public Process StartServer(params string[] arguments)
    {
        var (file, all) = Command("postgres", arguments);
        return WatchedProcess.Start("QUIT", file, all);
    }

    private (string File, string[] Arguments) Command(string program, string[] arguments)
    {
        var path = Path.Combine(folder, program);
        return IsRoot ? ("setpriv", [
            $"--reuid={Unprivileged}", $"--regid={Unprivileged}", "--clear-groups", path, .. arguments]) : (path, arguments);
    }

    private static async Task CompleteAsync(string file, string[] arguments)
    {
        using var process = Process.Start(WatchedProcess.Describe(file, arguments))!;
        process.StandardInput.Close();
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {string.Concat(output)}");
        }
    }

    private static double Version(string path) =>
        double.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var version) ? version : 0;
}
