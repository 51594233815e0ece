using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Testing;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>The files of a training in a directory that several silos share.</summary>
public sealed class TrainingFolderTests
{
    [Fact]
    public void two_silos_do_not_work_on_one_training_at_once()
    {
        using var shared = new TemporaryFolder();
        var (one, two) = (new TrainingFolder(shared["trainings"], "a"), new TrainingFolder(shared["trainings"], "a"));
        using (one.Own())
        {
            var error = Assert.Throws<IOException>(() => two.Own().Dispose());
            Assert.Contains("Another silo works on the training a", error.Message, StringComparison.Ordinal);
            new TrainingFolder(shared["trainings"], "b").Own().Dispose();
        }

        two.Own().Dispose();
    }
}
