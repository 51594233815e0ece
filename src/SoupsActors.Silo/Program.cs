using SoupsActors.Silo.Hosting;

return await SoupsServer.RunAsync(args);
