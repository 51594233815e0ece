using SoupsActors.Silo.Hosting;

return HealthProbe.IsAsked(args) ? await HealthProbe.RunAsync(args) : await SoupsServer.RunAsync(args);
