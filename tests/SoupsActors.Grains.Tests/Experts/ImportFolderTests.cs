using SoupsActors.Grains.Experts;
using SoupsActors.Testing;

namespace SoupsActors.Grains.Tests.Experts;

public sealed class ImportFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../secret")]
    [InlineData("inner/../../secret")]
    [InlineData("/etc")]
    [InlineData("inner/")]
    [InlineData("inner//deep")]
    [InlineData(@"inner\deep")]
    [InlineData(@"C:\inner")]
    [InlineData("C:inner")]
    [InlineData(".hidden")]
    [InlineData("https://example.com/x")]
    [InlineData("inner\0")]
    [InlineData("inner\n")]
    [InlineData("%2e%2e")]
    public void names_that_are_not_plain_relative_paths_are_refused(string? name)
    {
        Directory.CreateDirectory(folder["import/inner/deep"]);
        Directory.CreateDirectory(folder["secret"]);
        var error = Assert.Throws<SoupsException>(() => new ImportFolder(folder["import"]).Resolve(name));
        Assert.Equal("invalid_path", error.Code);
    }

    [Fact]
    public void a_folder_below_is_found()
    {
        Directory.CreateDirectory(folder["import/inner/v2.1"]);
        Assert.Equal(folder["import/inner/v2.1"], new ImportFolder(folder["import"]).Resolve("inner/v2.1"));
    }

    [Fact]
    public void a_link_on_the_way_is_refused()
    {
        Directory.CreateDirectory(folder["import"]);
        Directory.CreateDirectory(folder["secret/deep"]);
        Directory.CreateSymbolicLink(folder["import/link"], folder["secret"]);
        var import = new ImportFolder(folder["import"]);
        Assert.Equal("invalid_path", Assert.Throws<SoupsException>(() => import.Resolve("link")).Code);
        Assert.Equal("invalid_path", Assert.Throws<SoupsException>(() => import.Resolve("link/deep")).Code);
    }

    [Fact]
    public void an_unknown_folder_is_not_found()
    {
        Directory.CreateDirectory(folder["import"]);
        Assert.Equal(
            SoupsError.NotFound,
            Assert.Throws<SoupsException>(() => new ImportFolder(folder["import"]).Resolve("nothing")).Error);
    }

    [Fact]
    public void without_a_directory_registering_is_off_and_says_so()
    {
        var error = Assert.Throws<SoupsException>(() => new ImportFolder(null).Resolve("inner"));
        Assert.Contains("Soups:ImportDirectory", error.Message, StringComparison.Ordinal);
    }
}
