namespace Mlops.Serving.Tests;

public sealed class VersionNumbersTests
{
    [Fact]
    public void Of_ContentChanges_CountsFromOne()
    {
        var numbers = new VersionNumbers("m", "here", TimeProvider.System);
        Assert.Equal([1, 1, 2, 3], new[] { "a", "a", "b", "a" }.Select(digest => numbers.Of(numbers.BeginLook(), digest).Version));
        Assert.Equal(("m", 3, "here", "a"), (numbers.Last!.Name, numbers.Last.Version, numbers.Last.Source, numbers.Last.Digest));
    }

    /// <summary>One look reads the old content and is slow; the next one, begun after it, has answered already.</summary>
    [Fact]
    public void Of_EarlierLookAnswersLater_IsTheAnswerOfTheLaterOne()
    {
        var numbers = new VersionNumbers("m", "here", TimeProvider.System);
        numbers.Of(numbers.BeginLook(), "a");
        var (slow, quick) = (numbers.BeginLook(), numbers.BeginLook());
        Assert.Equal((2, "b"), (numbers.Of(quick, "b").Version, numbers.Of(slow, "a").Digest));
        Assert.Equal(2, numbers.Of(numbers.BeginLook(), "b").Version);
    }
}
