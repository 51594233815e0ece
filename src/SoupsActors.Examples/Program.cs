using Microsoft.Extensions.Options;
using Orleans.Runtime;
using SoupsActors;
using SoupsActors.Examples;

// Two applications that call users as grains of a cluster:
//   soups-example ask alice "Why is the sky blue?" --Soups:Cluster:Membership=AdoNet …
//   soups-example serve --urls http://localhost:5090 --Soups:Cluster:Membership=AdoNet …
try
{
    switch (args)
    {
        case ["ask", var user, var question, .. var settings]:
            return await ConsoleExample.AskAsync(user, question, settings);
        case ["serve", .. var settings]:
            return await WebExample.ServeAsync(settings);
        default:
            await Console.Error.WriteLineAsync("Usage: soups-example ask USER QUESTION [settings] | serve [settings]");
            return 2;
    }
}
catch (OptionsValidationException error)
{
    await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, error.Failures));
    return 2;
}
catch (OrleansConfigurationException error)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 2;
}
catch (SoupsException error)
{
    // Its message says what to do.
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Stopped before it was done.");
    return 1;
}
