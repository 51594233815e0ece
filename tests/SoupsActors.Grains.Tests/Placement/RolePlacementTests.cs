using Orleans.Hosting;
using Orleans.Runtime;
using SoupsActors.Generation;
using SoupsActors.Grains.Placement;
using SoupsActors.Preferences;
using SoupsActors.Testing.Hosting;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Tests.Placement;

/// <summary>Which grains a silo of some roles takes.</summary>
public sealed class RolePlacementTests
{
    [Theory]
    [InlineData(null, SiloRoles.All)]
    [InlineData(" ", SiloRoles.All)]
    [InlineData("gateway", SiloRoles.Gateway)]
    [InlineData("Trainer, generator", SiloRoles.Trainer | SiloRoles.Generator)]
    public void roles_are_read_from_a_list_of_words(string? text, SiloRoles expected) =>
        Assert.Equal(expected, SiloRolesText.Parse(text));

    [Fact]
    public void a_word_that_is_no_role_is_named_with_those_there_are()
    {
        var error = Assert.Throws<FormatException>(() => SiloRolesText.Parse("gateway,oracle"));
        Assert.Contains("'oracle' is no role", error.Message, StringComparison.Ordinal);
        Assert.Contains("gateway, generator and trainer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void roles_are_written_as_they_are_read()
    {
        for (var roles = SiloRoles.Gateway; roles <= SiloRoles.All; roles++)
            Assert.Equal(roles, SiloRolesText.Parse(SiloRolesText.Format(roles)));
    }

    [Fact]
    public async Task a_process_without_the_role_takes_no_trainer_and_says_so()
    {
        await using var host = await StartAsync(SiloRoles.Gateway | SiloRoles.Generator, "g0");
        var error = await Assert.ThrowsAsync<OrleansException>(
            () => host.Grains.GetGrain<ITrainerGrain>("P1A").Describe());
        Assert.Contains("No active nodes are compatible", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_generator_is_placed_where_its_device_is_and_nowhere_else()
    {
        await using var host = await StartAsync(SiloRoles.All, "g0");
        var refused = await Assert.ThrowsAsync<SoupsException>(
            () => host.Grains.GetGrain<IGeneratorGrain>("g0").Describe());
        Assert.Equal("no_such_device", refused.Code);
        await Assert.ThrowsAsync<OrleansException>(() => host.Grains.GetGrain<IGeneratorGrain>("g1").Describe());
    }

    [Fact]
    public async Task where_there_is_no_gateway_any_silo_takes_its_grains()
    {
        await using var host = await StartAsync(SiloRoles.Trainer);
        Assert.Empty(await host.Grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List());
    }

    private static Task<GrainTestHost> StartAsync(SiloRoles roles, params string[] devices) => GrainTestHost.StartAsync(
        TimeProvider.System,
        services => services.AddSoupsGrains(),
        silo => silo.AddMemoryGrainStorage(GrainStorageNames.Soups).AddSoupsPlacement(roles, devices));
}
