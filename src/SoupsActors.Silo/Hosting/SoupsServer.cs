using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace SoupsActors.Silo.Hosting;

/// <summary>Runs the server to its end and says in one line why it could not start.</summary>
internal static class SoupsServer
{
    /// <returns>
    /// 0 after an orderly stop, 1 where the server could not start or its model could not be loaded, 2 for wrong
    /// settings.
    /// </returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var isStarting = false;
        try
        {
            await using var app = SoupsHost.Build(args);

            // Running ends with the disposal of the services.
            var startup = app.Services.GetRequiredService<StartupState>();
            isStarting = true;
            app.Lifetime.ApplicationStarted.Register(() => isStarting = false);
            await app.RunAsync();
            return startup.HasFailed ? 1 : 0;
        }
        catch (OptionsValidationException error)
        {
            await Console.Error.WriteLineAsync("Wrong settings:");
            foreach (var failure in error.Failures)
                await Console.Error.WriteLineAsync("  " + failure);
            return 2;
        }
        catch (OrleansConfigurationException error)
        {
            await Console.Error.WriteLineAsync($"Wrong settings:{Environment.NewLine}  {error.Message}");
            return 2;
        }
        catch (Exception error) when (
            isStarting || error is IOException or InvalidOperationException or InvalidDataException)
        {
            // What a host service threw while it started, such as a provider's own kind of error, stands in the log.
            await Console.Error.WriteLineAsync($"The server cannot start: {error.Message}");
            return 1;
        }
    }
}
