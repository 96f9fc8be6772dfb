"""Data of the shape of FinBench, as large as asked: a snapshot in `|`-separated files.

    finbench_generate.py FOLDER ROWS

ROWS transfers between a tenth as many accounts, in the years 2020 to 2022; half of all ends fall
on few accounts. Persons hold most accounts and companies the rest; loans are paid out to accounts,
media sign in to them, and one medium in twenty is blocked. The same bytes on every machine.
"""

import sys
from pathlib import Path

FIRST_MS = 1_577_836_800_000
LAST_MS = 1_672_531_200_000
# Numbers of accounts there are longer than 53 bits.
ACCOUNT, LOAN = 4_611_686_018_427_387_904, 4_611_686_018_427_387_904 + (1 << 40)


def generate(folder, rows):
    # Only whoever generates needs these: a script that installs them first imports this file.
    import numpy as np
    import polars as pl

    draw = np.random.Generator(np.random.PCG64(64))
    accounts, persons, loans, media = rows // 10, rows // 20, rows // 50, rows // 50
    companies = rows // 100
    snapshot = folder / "snapshot"
    snapshot.mkdir(parents=True, exist_ok=True)

    def times(number):
        return pl.Series("createTime", draw.integers(FIRST_MS, LAST_MS, number)).cast(
            pl.Datetime("ms")).dt.strftime("%Y-%m-%d %H:%M:%S.%3f")

    def ends(number):
        few = (accounts * draw.random(number) ** 3).astype(np.int64)
        return ACCOUNT + np.where(draw.random(number) < 0.5, few,
                                  draw.integers(0, accounts, number)) * 1_009

    def amounts(number):
        return np.round(np.exp(draw.normal(12, 1.5, number)), 4) + 0.01

    def among(first, number, drawn, step=1):
        return first + draw.integers(0, number, drawn) * step

    def flags(number, one_in):
        return pl.Series(draw.integers(0, one_in, number) == 0).cast(pl.String)

    def write(name, columns):
        pl.DataFrame(columns).write_csv(snapshot / f"{name}.csv", separator="|",
                                        float_precision=4)

    def words(number, *listed):
        return np.array(listed)[draw.integers(0, len(listed), number)]

    def every(first, number, step=1):
        return first + np.arange(number, dtype=np.int64) * step

    def links(name, near, of_near, far, of_far, number, **more):
        write(name, {near: of_near, far: of_far} | more | {"createTime": times(number)})

    write("Account", {"accountId": every(ACCOUNT, accounts, 1_009), "createTime": times(accounts),
                      "isBlocked": flags(accounts, 50),
                      "accoutType": words(accounts, "debit card", "credit card", "savings")})
    write("Person", {"personId": every(0, persons), "personName": words(persons, "Ada", "Ben"),
                     "isBlocked": flags(persons, 50), "createTime": times(persons)})
    write("Company", {"companyId": every(0, companies),
                      "companyName": words(companies, "Brook Ltd", "Field Ltd"),
                      "isBlocked": flags(companies, 50), "createTime": times(companies)})
    lent = amounts(loans) * 100
    write("Loan", {"loanId": every(LOAN, loans, 7), "loanAmount": lent, "balance": lent / 2,
                   "createTime": times(loans)})
    write("Medium", {"mediumId": every(0, media), "mediumType": words(media, "PHONE", "NFC", "POS"),
                     "isBlocked": flags(media, 20), "createTime": times(media)})
    number = every(ACCOUNT, accounts, 1_009)
    of_persons = number[np.arange(accounts) % 5 != 0]
    of_companies = number[np.arange(accounts) % 5 == 0]
    links("PersonOwnAccount", "personId", among(0, persons, len(of_persons)), "accountId",
          of_persons, len(of_persons))
    links("CompanyOwnAccount", "companyId", among(0, companies, len(of_companies)), "accountId",
          of_companies, len(of_companies))
    links("AccountTransferAccount", "fromId", ends(rows), "toId", ends(rows), rows,
          amount=amounts(rows))
    links("AccountWithdrawAccount", "fromId", ends(rows // 5), "toId", ends(rows // 5), rows // 5,
          amount=amounts(rows // 5))
    links("LoanDepositAccount", "loanId", among(LOAN, loans, loans * 3, 7), "accountId",
          ends(loans * 3), loans * 3, amount=amounts(loans * 3) * 10)
    links("AccountRepayLoan", "accountId", ends(loans * 3), "loanId",
          among(LOAN, loans, loans * 3, 7), loans * 3, amount=amounts(loans * 3))
    links("MediumSignInAccount", "mediumId", among(0, media, media * 5), "accountId",
          ends(media * 5), media * 5)
    links("PersonApplyLoan", "personId", among(0, persons, loans), "loanId",
          every(LOAN, loans, 7), loans)
    links("CompanyApplyLoan", "companyId", among(0, companies, 1), "loanId",
          every(LOAN, 1, 7), 1)
    links("PersonInvestCompany", "investorId", among(0, persons, persons), "companyId",
          among(0, companies, persons), persons, ratio=draw.random(persons))
    links("CompanyInvestCompany", "investorId", among(0, companies, companies), "companyId",
          among(0, companies, companies), companies, ratio=draw.random(companies))
    links("PersonGuaranteePerson", "fromId", among(0, persons, persons // 5), "toId",
          among(0, persons, persons // 5), persons // 5)
    links("CompanyGuaranteeCompany", "fromId", among(0, companies, companies // 5), "toId",
          among(0, companies, companies // 5), companies // 5)


if __name__ == "__main__":
    generate(Path(sys.argv[1]), int(sys.argv[2]))
