using Microsoft.CodeAnalysis;

namespace Mlops.Core.Generators;

/// <summary>Lays properties out in tensors: one for each, or for all that name the same one, in the order of their first properties.</summary>
internal sealed class RowTensors(INamedTypeSymbol type, List<RowProblem> problems)
{
    public EquatableArray<RowTensor> Group(IReadOnlyList<Candidate> candidates)
    {
        var groups = candidates.GroupBy(candidate => candidate.Tensor, StringComparer.Ordinal).Select(group => group.ToArray()).ToArray();
        return groups.Select(group => Lay(group, CheckNames(group))).ToEquatableArray();
    }

    private bool CheckNames(Candidate[] group)
    {
        if (group.Length > 1 && group.LastOrDefault(candidate => !candidate.IsTensorNamed) is { } own)
        {
            Report(Descriptors.DuplicateName, own, group.First(candidate => candidate != own).FullName, own.FullName, "tensor", own.Tensor);
            return false;
        }

        foreach (var same in group.GroupBy(candidate => candidate.Column, StringComparer.Ordinal).Select(same => same.ToArray()).Where(same => same.Length > 1))
            Report(Descriptors.DuplicateName, same[1], same[0].FullName, same[1].FullName, "column", same[0].Column);
        return true;
    }

    private RowTensor Lay(Candidate[] group, bool isOneTensor)
    {
        var first = group[0];
        var stated = group.FirstOrDefault(candidate => candidate.TensorElement is not null);
        var element = stated?.TensorElement ?? first.Element.Natural();
        var (members, offset) = (new List<RowMember>(), 0);
        foreach (var candidate in group)
        {
            if (isOneTensor) Check(candidate, element, stated ?? first);
            members.Add(new RowMember(candidate.Symbol.Name, candidate.Column, candidate.Shape, candidate.Element, candidate.IsNullable, offset, candidate.Width));
            offset += candidate.Width;
        }

        return new RowTensor(
            first.Tensor,
            element,
            (group.Length == 1 ? first.Dimensions : [offset]).ToEquatableArray(),
            (first.IsTensorNamed ? group.Select(candidate => candidate.Column) : []).ToEquatableArray(),
            members.ToEquatableArray());
    }

    private void Check(Candidate candidate, Element element, Candidate decisive)
    {
        var problem = 0 switch
        {
            _ when !element.IsTensor() => $"no tensor has elements of the type {element}; a date is Int64 days, a timestamp Float64 seconds since 1970-01-01",
            _ when candidate.TensorElement is { } own && own != element => $"it says {own}, but '{decisive.FullName}' says {element}; a tensor has one type of elements",
            _ when candidate.Shape != MemberShape.Scalar && candidate.Element != element => $"a vector of {candidate.Element} is copied as it is, but the elements of the tensor are {element}; give it that type, or a tensor of its own",
            _ when decisive.TensorElement is null && candidate.Element.Natural() != element
                => $"it is {candidate.Element.Natural()}, but '{decisive.FullName}' is {element}; say what the elements of the tensor are, with ElementType beside Tensor in [TensorRow] or [TensorColumn]",
            _ when !element.CanHold(candidate.Element) => $"{element} does not hold every value of {candidate.Element}; choose a larger type, or a tensor of its own",
            _ => null,
        };
        if (problem is not null) Report(Descriptors.TensorDisagrees, candidate, candidate.FullName, candidate.Tensor, problem);
        else if (candidate.IsNullable && !element.IsFloatingPoint() && element != Element.String) Report(Descriptors.CannotBeMissing, candidate, candidate.FullName, element.ToString());
    }

    private void Report(DiagnosticDescriptor descriptor, Candidate candidate, params string[] arguments) => problems.Add(RowProblem.Create(descriptor, RowMembers.LocationOf(candidate.Symbol, type), arguments));
}
