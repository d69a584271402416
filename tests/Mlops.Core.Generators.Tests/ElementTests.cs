using Mlops.Data;

namespace Mlops.Core.Generators.Tests;

public sealed class ElementTests
{
    /// <summary>The generator cannot reference Mlops.Core, reads its numbers from attributes and writes its names into code, so both must be the same.</summary>
    [Fact]
    public void Values_AreThoseOfElementType()
    {
        Assert.Equal(
            Enum.GetValues<ElementType>().Select(type => ((int)type, type.ToString())),
            Enum.GetValues<Element>().Where(element => element != Element.OffsetTimestamp).Select(element => ((int)element, element.ToString())));
        Assert.True(Element.OffsetTimestamp > Enum.GetValues<Element>().Where(element => element != Element.OffsetTimestamp).Max());
    }
}
